/// The fields of one event, parsed according to the HTML standard ("Interpreting an event stream"). It copies nothing,
/// and is valid only as long as the bytes are.
struct EventFields {
    private let event: UnsafeRawBufferPointer
    /// Whether it begins with a byte order mark, which is allowed only at the start of a stream. OpenAI's Python SDK
    /// drops such an event.
    let hasMark: Bool
    private var nameRange = 0..<0
    private var dataRange = 0..<0
    private var dataLines = 0
    private var hasErrorField = false
    /// Whether a line begins like JSON or HTML instead of a field.
    private(set) var hasForeignLine = false

    init(_ event: UnsafeRawBufferPointer) {
        hasMark = event.count >= 3 && event[0] == 0xEF && event[1] == 0xBB && event[2] == 0xBF
        self.event = hasMark ? .init(rebasing: event[3...]) : event
        forEachLine { line in
            if let value = value(of: "data", in: line) {
                dataRange = value
                dataLines += 1
            } else if let value = value(of: "event", in: line) {
                nameRange = value
            } else if value(of: "error", in: line, ignoringCase: true) != nil {
                hasErrorField = true
            } else if !hasForeignLine {
                let start = self.event.endOfBlanks(from: line.lowerBound)
                hasForeignLine = start < line.upperBound && Self.foreignStarts.contains(self.event[start])
            }
        }
    }

    private static let foreignStarts = Array("{[\"<".utf8)

    /// The value of `event:`; empty if there is none.
    var name: UnsafeRawBufferPointer { .init(rebasing: event[nameRange]) }

    var hasData: Bool { dataLines > 0 }

    /// Whether it begins like a chunk of a response, as most events do.
    var beginsLikeChunk: Bool {
        guard let data = onlyLine else { return false }
        return Self.chunkStarts.contains { data.has($0, at: 0) }
    }

    private static let chunkStarts: [StaticString] = [
        #"{"id":"#, #"{"choices":[{"#, #"{"object":"chat"#, #"{"object":"text"#, #"{"created":"#, #"{"model":"#,
        #"{"type":"response.output_"#, #"{"type":"response.reasoning"#, #"{"type":"response.function"#,
    ]

    /// Whether the data is `[DONE]`, which SDKs read as the end. Trailing spaces are allowed.
    var isDone: Bool {
        guard dataLines == 1 else { return false }
        var end = dataRange.upperBound
        while end > dataRange.lowerBound, event[end - 1] == UInt8(ascii: " ") { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: event[dataRange.lowerBound..<end]).isEqual(to: "[DONE]")
    }

    /// The data, if it is one line.
    var onlyLine: UnsafeRawBufferPointer? {
        dataLines == 1 ? UnsafeRawBufferPointer(rebasing: event[dataRange]) : nil
    }

    /// The data, with its lines joined.
    var data: [UInt8] { dataLines > 1 ? values(of: "data") : Array(event[dataRange]) }

    /// The value of `error:`, the field in which llama.cpp's server reports a failure (`server_sent_event` in its
    /// `server.cpp`). No SDK reads it. Empty if there is none, or if its value is null or the like.
    var error: [UInt8] {
        guard hasErrorField else { return [] }
        let error = values(of: "error", ignoringCase: true)
        return error.withUnsafeBytes { $0.isEmptyJSON } ? [] : error
    }

    /// Whether it has more than comments and white space.
    var hasContent: Bool {
        var isFound = false
        forEachLine { line in
            let isComment = event[line.lowerBound] == UInt8(ascii: ":")
            isFound = isFound || !isComment && event[line].contains { !$0.isWhiteSpace }
        }
        return isFound
    }

    /// The lines that are neither fields nor comments: clients ignore them.
    var foreignLines: [UInt8] {
        var lines: [UInt8] = []
        forEachLine { line in
            guard event[line.lowerBound] != UInt8(ascii: ":"), !isField(line) else { return }
            if !lines.isEmpty { lines.append(0x0A) }
            lines += event[line]
        }
        return lines
    }

    private func isField(_ line: Range<Int>) -> Bool {
        let fields: [StaticString] = ["data", "event", "id", "retry"]
        return fields.contains { value(of: $0, in: line) != nil }
            || value(of: "error", in: line, ignoringCase: true) != nil
    }

    private func values(of field: StaticString, ignoringCase: Bool = false) -> [UInt8] {
        var values: [UInt8] = []
        forEachLine { line in
            guard let value = value(of: field, in: line, ignoringCase: ignoringCase) else { return }
            if !values.isEmpty { values.append(0x0A) }
            values += event[value]
        }
        return values
    }

    private func forEachLine(_ body: (Range<Int>) -> Void) {
        var start = 0
        while start < event.count {
            let end = event.lineEnd(from: start)
            if end > start { body(start..<end) }
            start = end + 1
        }
    }

    private func value(of field: StaticString, in line: Range<Int>, ignoringCase: Bool = false) -> Range<Int>? {
        let end = line.lowerBound + field.utf8CodeUnitCount
        guard end <= line.upperBound else { return nil }
        for index in 0..<field.utf8CodeUnitCount {
            let (byte, letter) = (event[line.lowerBound + index], field.utf8Start[index])
            guard byte == letter || ignoringCase && UInt8.isSameLetter(byte, letter) else { return nil }
        }
        guard end < line.upperBound else { return end..<end }
        guard event[end] == UInt8(ascii: ":") else { return nil }
        let start = end + 1
        let hasBlank = start < line.upperBound && event[start] == UInt8(ascii: " ")
        return (hasBlank ? start + 1 : start)..<line.upperBound
    }
}

/// Finds the ends of server-sent events: after each empty line. Line ends may be LF, CRLF or CR, as the HTML standard
/// allows ("Parsing an event stream").
struct EventBoundary {
    private enum Previous {
        case other
        /// Perhaps the first half of a CRLF.
        case carriageReturn
        /// The same, and the event that it ended has been returned.
        case returnedCarriageReturn
    }

    private var previous = Previous.other
    private var isLineEmpty = true
    /// Whether the last line that has ended was empty.
    private var endsEvent = false

    /// - Returns: the offset after the first event that ends at or after `start`; nil if none does. Each byte is
    ///   examined once: continue at the returned offset, or with the bytes that follow.
    mutating func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x0A:
                if previous == .other { endLine() }
                previous = .other
                index += 1
                if endsEvent { return index }
            case 0x0D:
                endLine()
                // After CR CR the event has certainly ended. After CRLF CR, an LF may follow.
                let isClear = endsEvent && previous != .other
                previous = isClear ? .returnedCarriageReturn : .carriageReturn
                index += 1
                if isClear { return index }
            default:
                let wasAwaited = endsWithBytes
                previous = .other
                isLineEmpty = false
                if wasAwaited { return index }
                index = bytes.lineEnd(from: index)
            }
        }
        return nil
    }

    /// Whether an event ends with the bytes so far, unless a line feed follows that is still a part of it.
    var endsWithBytes: Bool { previous == .carriageReturn && endsEvent }

    /// Whether a line feed that follows would be the second half of the last line end.
    var mayGetLineFeed: Bool { previous == .returnedCarriageReturn }

    private mutating func endLine() {
        endsEvent = isLineEmpty
        isLineEmpty = true
    }
}
