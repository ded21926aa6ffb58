import HTTPTypes

/// Collects a response head from the lines that libcurl passes on unchanged.
///
/// Interim responses (1xx) are dropped. Trailers, which libcurl passes on the same way, are ignored.
struct ResponseHeadParser {
    /// Enough for any provider; a larger head ends the transfer. In bytes.
    static let maximumSize = 64 * 1024

    private(set) var status = HTTPResponse.Status.ok
    private(set) var fields = HTTPFields()
    private(set) var isComplete = false
    private var size = 0

    var isTooLarge: Bool { size > Self.maximumSize }

    /// Receives one line with its line end. Returns false if the head has grown too large.
    mutating func receive(_ line: UnsafeRawBufferPointer) -> Bool {
        size += line.count
        guard !isTooLarge else { return false }
        guard !isComplete else { return true }
        let text = line.withoutLineEnd
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

    /// Reads the code between the first two spaces of `HTTP/1.1 200 OK`. libcurl has checked it.
    private static func status(in line: UnsafeRawBufferPointer) -> HTTPResponse.Status {
        let blank = UInt8(ascii: " ")
        var index = line.firstIndex(of: blank) ?? line.count
        while index < line.count, line[index] == blank { index += 1 }
        var code = 0
        while index < line.count, line[index] != blank {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(line[index]), code < 1000 else { return .badGateway }
            code = code * 10 + Int(line[index] - UInt8(ascii: "0"))
            index += 1
        }
        return (100...999).contains(code) ? HTTPResponse.Status(code: code) : .badGateway
    }

    /// Ignores a line that isn't a field, as browsers do.
    private mutating func receiveField(_ line: UnsafeRawBufferPointer) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
            let name = HTTPField.Name(String(decoding: line[..<colon], as: UTF8.self))
        else { return }
        var (start, end) = (colon + 1, line.count)
        while start < end, line[start].isBlank { start += 1 }
        while end > start, line[end - 1].isBlank { end -= 1 }
        if fields.isEmpty { fields.reserveCapacity(Self.usualCount) }
        fields.append(HTTPField(name: name, value: String(decoding: line[start..<end], as: UTF8.self)))
    }

    /// Most responses have no more fields than this, so the array rarely grows.
    private static let usualCount = 16
}

extension UnsafeRawBufferPointer {
    fileprivate var withoutLineEnd: UnsafeRawBufferPointer {
        var end = 0
        while end < count, self[end] != 0x0D, self[end] != 0x0A { end &+= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || self == 0x09 }
}
