/// The JSON text in a request's body: UTF-8, without the byte order mark that some programs write before it. RFC 8259,
/// section 8.1, lets a reader skip that mark, and no other encoding pass.
enum RequestText {
    static func utf8(_ body: [UInt8]) throws(ProxyError) -> [UInt8] {
        // Nearly all begin with two ASCII characters.
        guard body.count >= 2, body[0] >= 0x80 || body[0] == 0 || body[1] == 0 else { return body }
        if body[0] == 0xEF, body[1] == 0xBB, body.count >= 3, body[2] == 0xBF { return Array(body[3...]) }
        guard let encoding = wideEncoding(body) else { return body }
        throw .invalidBody("it is \(encoding); send UTF-8")
    }

    /// Told by a mark, or by the zero bytes beside the first character, which is ASCII; nil for neither.
    private static func wideEncoding(_ body: [UInt8]) -> String? {
        let isMarked = (body[0], body[1]) == (0xFF, 0xFE) || (body[0], body[1]) == (0xFE, 0xFF)
        let zeros = body.prefix(4).count { $0 == 0 }
        // A mark in UTF-32 has two zero bytes beside it, a character three. No text in UTF-16 begins with so many.
        if zeros == 3 || zeros == 2 && isMarked || body.starts(with: [0, 0, 0xFE, 0xFF]) { return "UTF-32" }
        return isMarked || (body[0] == 0) != (body[1] == 0) ? "UTF-16" : nil
    }
}
