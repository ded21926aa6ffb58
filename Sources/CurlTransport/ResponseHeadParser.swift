import HTTPTypes

/// Gathers a response's head from the lines that libcurl hands over, byte for byte as they came.
///
/// Interim responses (1xx) are dropped. Trailers, which libcurl hands over the same way, are ignored: nothing here
/// relies on them.
struct ResponseHeadParser {
    /// Enough for any provider; more is an attack or a mistake, and ends the transfer. In bytes.
    static let maximumSize = 64 * 1024

    private(set) var status = HTTPResponse.Status.ok
    private(set) var fields = HTTPFields()
    private(set) var isComplete = false
    private var size = 0

    var isTooLarge: Bool { size > Self.maximumSize }

    /// Takes one line with its line end. False if the head has grown too large.
    mutating func receive(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard !isTooLarge else { return false }
        guard !isComplete else { return true }
        let text = line.prefix { $0 != 0x0D && $0 != 0x0A }
        if text.isEmpty {
            isComplete = !(100..<200).contains(status.code)
        } else if text.starts(with: "HTTP/".utf8) {
            status = Self.status(in: text)
            fields = [:]
        } else {
            receiveField(text)
        }
        return true
    }

    /// `HTTP/1.1 200 OK`: the code is what stands between the first two blanks. libcurl has checked it.
    private static func status(in line: Slice<UnsafeRawBufferPointer>) -> HTTPResponse.Status {
        let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
        guard parts.count > 1, let code = Int(String(decoding: parts[1], as: UTF8.self)), (100...999).contains(code)
        else { return .badGateway }
        return HTTPResponse.Status(code: code)
    }

    /// A line that isn't a field is left out, as browsers do.
    private mutating func receiveField(_ line: Slice<UnsafeRawBufferPointer>) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { return }
        var value = line[line.index(after: colon)...]
        value = value.drop { $0 == 0x20 || $0 == 0x09 }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        fields.append(HTTPField(name: name, value: String(decoding: value, as: UTF8.self)))
    }
}
