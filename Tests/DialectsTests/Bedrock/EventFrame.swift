/// Writes messages of an event stream. It shares no code with the decoder.
struct EventFrame {
    enum Value {
        case bool(Bool)
        /// An integer, a time or a UUID: the type and its bytes.
        case fixed(type: UInt8, [UInt8])
        case bytes([UInt8])
        case text(String)
    }

    var headers: [(name: String, value: Value)] = []
    var payload: [UInt8] = []

    static func event(_ name: String, _ payload: String) -> EventFrame {
        EventFrame(message: "event", named: ":event-type", name, payload)
    }

    static func exception(_ name: String, _ payload: String) -> EventFrame {
        EventFrame(message: "exception", named: ":exception-type", name, payload)
    }

    static func error(_ code: String, _ message: String) -> EventFrame {
        let headers = [(":message-type", "error"), (":error-code", code), (":error-message", message)]
        return EventFrame(headers.map { ($0, .text($1)) })
    }

    init(_ headers: [(name: String, value: Value)], _ payload: [UInt8] = []) {
        self.headers = headers
        self.payload = payload
    }

    private init(message: String, named header: String, _ name: String, _ payload: String) {
        let headers = [(header, name), (":content-type", "application/json"), (":message-type", message)]
        self.init(headers.map { ($0, .text($1)) }, Array(payload.utf8))
    }

    var bytes: [UInt8] {
        let headers = headers.flatMap { [UInt8($0.name.utf8.count)] + Array($0.name.utf8) + Self.encoded($0.value) }
        return Self.bytes(headers: headers, payload)
    }

    /// - Parameters:
    ///   - headers: as they are encoded.
    ///   - length: the length of the message, if it isn't the right one.
    static func bytes(headers: [UInt8], _ payload: [UInt8], length: Int? = nil, headersLength: Int? = nil) -> [UInt8] {
        var bytes = number(length ?? 16 + headers.count + payload.count) + number(headersLength ?? headers.count)
        bytes += number(crc(bytes))
        bytes += headers + payload
        return bytes + number(crc(bytes))
    }

    private static func encoded(_ value: Value) -> [UInt8] {
        switch value {
        case .bool(let isTrue): [isTrue ? 0 : 1]
        case .fixed(let type, let bytes): [type] + bytes
        case .bytes(let bytes): [6] + number(bytes.count).suffix(2) + bytes
        case .text(let text): [7] + number(text.utf8.count).suffix(2) + Array(text.utf8)
        }
    }

    private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

    /// Bit by bit, as polynomial division.
    private static func crc(_ bytes: [UInt8]) -> Int {
        var remainder: UInt32 = 0xFFFF_FFFF
        for bit in bytes.flatMap({ byte in (0..<8).map { byte >> $0 & 1 } }) {
            let isOdd = remainder & 1 != UInt32(bit)
            remainder >>= 1
            if isOdd { remainder ^= 0xEDB8_8320 }
        }
        return Int(~remainder)
    }
}

/// - Parameter digits: hexadecimal.
func bytes(_ digits: String) -> [UInt8] {
    let digits = digits.filter { $0 != " " }.map { UInt8($0.hexDigitValue ?? 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

/// The same bytes whole, byte by byte, and in pieces of other lengths.
func waysToCut(_ bytes: [UInt8]) -> [[[UInt8]]] {
    [bytes.count, 1, 7, 100].map { length in
        stride(from: 0, to: bytes.count, by: max(1, length)).map { Array(bytes[$0..<min($0 + length, bytes.count)]) }
    }
}
