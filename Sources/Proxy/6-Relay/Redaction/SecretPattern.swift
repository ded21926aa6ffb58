/// A server's token as a search pattern: without escapes, and in a form that no log can show.
struct SecretPattern: Sendable {
    /// A shorter token is no secret but a placeholder ("none", "ollama"), and would be found in any sentence. In bytes.
    private static let shortest = 8

    let bytes: [UInt8]
    /// How much of the beginning is still matched when all up to a byte was, and the next one differs
    /// (Knuth, Morris, Pratt).
    let fallback: [Int]
    /// So much of its beginning is as good as the whole: providers cut texts off. Not less than half of it, since
    /// whoever can have a text of their own quoted in an error would else find the token byte by byte.
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
        var index = nextMark(in: text, from: start)
        while let length = Unescaper.escape(at: index, of: text, isNot: bytes[0]) {
            index = nextMark(in: text, from: index &+ length)
        }
        return index
    }

    /// The same, be it an escape as common as `\n`. Tests sixteen places at a time.
    private func nextMark(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        let (first, second) = (SIMD16(repeating: bytes[0]), SIMD16(repeating: bytes[1]))
        let percent = SIMD16(repeating: UInt8(ascii: "%"))
        let (backslash, ampersand) = (SIMD16(repeating: UInt8(ascii: "\\")), SIMD16(repeating: UInt8(ascii: "&")))
        var index = start
        while index &+ 17 <= text.count {
            let here = text.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
            let next = text.loadUnaligned(fromByteOffset: index &+ 1, as: SIMD16<UInt8>.self)
            let isEscape = here .== percent .| here .== backslash .| here .== ampersand
            let marks = unsafeBitCast(isEscape .| (here .== first .& next .== second), to: SIMD2<UInt64>.self)
            if marks[0] | marks[1] != 0 {
                let isLow = marks[0] != 0
                let mark = UInt64(littleEndian: isLow ? marks[0] : marks[1])
                let place = index &+ (isLow ? 0 : 8) &+ mark.trailingZeroBitCount / 8
                // Its second byte may be what is escaped.
                return place > start && text[place &- 1] == bytes[0] ? place &- 1 : place
            }
            index &+= 16
        }
        if index > start, text[index &- 1] == bytes[0] { index &-= 1 }
        while index < text.count, !mayBegin(at: index, of: text) { index &+= 1 }
        return index
    }

    private func mayBegin(at index: Int, of text: UnsafeRawBufferPointer) -> Bool {
        if Unescaper.isEscape(text[index]) { return true }
        guard text[index] == bytes[0] else { return false }
        guard index &+ 1 < text.count else { return true }
        return text[index &+ 1] == bytes[1] || Unescaper.isEscape(text[index &+ 1])
    }
}

extension SecretPattern: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[secret]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
