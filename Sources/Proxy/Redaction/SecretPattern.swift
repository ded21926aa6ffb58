/// A server's token as it is looked for in what the server sends: without escapes, and in a form that no log can show.
struct SecretPattern: Sendable {
    /// A shorter token is no secret but a placeholder ("none", "ollama"), and would be found in any sentence. In bytes.
    private static let shortest = 8

    let bytes: [UInt8]
    /// How much of the beginning is still matched when all up to a byte was, and the next one differs
    /// (Knuth, Morris, Pratt).
    let fallback: [Int]
    /// So much of its beginning is as good as the whole: providers cut texts off. Not less than half of it, since whoever
    /// can have a text of their own quoted in an error would else find the token byte by byte.
    let least: Int

    /// Nil if there is nothing to hide.
    init?(_ token: Secret?) {
        guard let token = token?.revealed else { return nil }
        // Behind a scheme: the token of an `auth_header` may begin with "Bearer".
        let credentials = token.utf8.split(separator: UInt8(ascii: " ")).last.map { Array($0) } ?? []
        let plain = Unescaper.bytes(of: credentials.count >= Self.shortest ? credentials : Array(token.utf8))
        guard plain.count >= Self.shortest else { return nil }
        bytes = plain
        fallback = Self.fallback(of: plain)
        least = max(Self.shortest, (plain.count + 1) / 2)
    }

    private static func fallback(of bytes: [UInt8]) -> [Int] {
        var fallback = [0]
        var matched = 0
        for byte in bytes.dropFirst() {
            while matched > 0, bytes[matched] != byte { matched = fallback[matched - 1] }
            if bytes[matched] == byte { matched += 1 }
            fallback.append(matched)
        }
        return fallback
    }

    /// The first offset at or behind `start` at which it may begin, or an escape does; the end if there is none.
    func nextPlace(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = start
        while index < text.count {
            let byte = text[index]
            if Unescaper.isEscape(byte) { return index }
            if byte == bytes[0] {
                guard index + 1 < text.count else { return index }
                let next = text[index + 1]
                if next == bytes[1] || Unescaper.isEscape(next) { return index }
            }
            index += 1
        }
        return index
    }
}

extension SecretPattern: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[secret]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
