import Transport

@testable import Dialects

/// However a stream is cut, what comes out is the same: events whose data is JSON or `[DONE]`, and no more of them than
/// in proportion to the input. After an error or `[DONE]` there is nothing. Its first message says the same whether the
/// rest has arrived or not.
enum BedrockStreamFuzz: FuzzTarget {
    /// How many bytes come out at most for one that goes in, and for one error.
    private static let (mostFactor, longestError) = (10, 20_000)
    /// Longer streams would take most of the time.
    private static let longestByBytes = 512

    private struct Result: Equatable {
        var output: [UInt8] = []
        /// Nil if the stream is complete.
        var error: TransportError?
        var isEarly = false
    }

    static func check(_ input: [UInt8]) {
        var context = ChatContext(id: "chatcmpl-1", created: 1, model: "a")
        for stream in [input, messages(input)] {
            check(stream, of: input, context)
            context.includesUsage = true
            context.schemaTool = "a"
        }
    }

    private static func check(_ stream: [UInt8], of input: [UInt8], _ context: ChatContext) {
        let whole = run([stream], context)
        let bytes = stream.count <= longestByBytes ? stream.map { [$0] } : [stream]
        require(run(bytes, context) == whole, "something else comes out byte by byte than whole")
        require(run(pieces(of: stream, by: input), context) == whole, "something else comes out in pieces than whole")
        require(whole.output.count <= mostFactor * stream.count + longestError, "too much comes out")
        checkEvents(whole)
        checkBeginning(stream)
    }

    private static func checkEvents(_ result: Result) {
        var reader = EventStreamReader()
        reader.read(result.output)
        require(reader.isBetweenEvents, "half an event comes out")
        let output = reader.events.reduce(into: [UInt8]()) { $0 += "data: ".utf8 + $1.data + [0x0A, 0x0A] }
        require(output == result.output, "something else than data comes out")
        for (index, event) in reader.events.enumerated() {
            let isDone = event.data == Array("[DONE]".utf8)
            let isLast = isDone || event.data.starts(with: #"{"error":"#.utf8)
            require(isDone || isJSON(event.data), "the data of an event isn't JSON")
            require(!isLast || index == reader.events.count - 1, "something follows an error or the end")
            require(!isLast || result.error == nil, "a stream that ends with an error or its mark is broken")
        }
    }

    private static func checkBeginning(_ stream: [UInt8]) {
        var known: ConverseStreamFilter.Beginning?
        for length in stride(from: 0, through: min(stream.count, 200), by: 4) {
            let beginning = stream[..<length].withUnsafeBytes { ConverseStreamFilter.beginning(of: $0) }
            require(known == nil || known == beginning, "more bytes change what the first message says")
            known = beginning
        }
    }

    private static func isJSON(_ text: [UInt8]) -> Bool {
        String(validating: text, as: UTF8.self) != nil && JSONGrammar.accepts(text)
    }

    private static func run(_ pieces: [[UInt8]], _ context: ChatContext) -> Result {
        var filter = ConverseStreamFilter(context)
        var result = Result()
        var end: BodyPipe.End?
        for piece in pieces where end == nil {
            end = piece.withUnsafeBytes { filter.receive($0, into: &result.output) }
        }
        result.isEarly = end != nil
        if case .failed(let error) = end ?? filter.end(nil, into: &result.output) { result.error = error }
        return result
    }

    /// The input's bytes decide where the stream is cut.
    private static func pieces(of stream: [UInt8], by input: [UInt8]) -> [[UInt8]] {
        var (rest, pieces) = (stream[...], [[UInt8]]())
        while !rest.isEmpty {
            let length = 1 + Int(input[pieces.count % input.count])
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}

// MARK: - Messages

extension BedrockStreamFuzz {
    /// Encodes each line of a text as one message, so that libFuzzer needn't find checksums: `name payload` is an event,
    /// `!name payload` an exception, and what follows `#` are headers as they are encoded.
    private static func messages(_ lines: [UInt8]) -> [UInt8] {
        lines.split(separator: 0x0A).flatMap { line in
            if line.first == UInt8(ascii: "#") { return message(headers: Array(line.dropFirst()), []) }
            let isException = line.first == UInt8(ascii: "!")
            let name = line.dropFirst(isException ? 1 : 0).prefix { $0 != 0x20 }
            let headers =
                header(isException ? ":exception-type" : ":event-type", Array(name.prefix(1000)))
                + header(":message-type", Array((isException ? "exception" : "event").utf8))
            return message(headers: headers, Array(line[name.endIndex...].dropFirst()))
        }
    }

    private static func header(_ name: String, _ value: [UInt8]) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + [7] + number(value.count).suffix(2) + value
    }

    private static func message(headers: [UInt8], _ payload: [UInt8]) -> [UInt8] {
        var bytes = number(16 + headers.count + payload.count) + number(headers.count)
        bytes += number(crc(bytes))
        bytes += headers + payload
        return bytes + number(crc(bytes))
    }

    private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

    private static func crc(_ bytes: [UInt8]) -> Int {
        var remainder: UInt32 = 0xFFFF_FFFF
        for byte in bytes {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder >> 1 ^ (remainder & 1) &* 0xEDB8_8320 }
        }
        return Int(~remainder)
    }
}
