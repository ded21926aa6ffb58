/// A server's token as a search pattern, without escapes. No log can print it.
struct SecretPattern: Sendable {
    /// A shorter token is a placeholder ("none", "ollama") and no secret, and would be found in any sentence. In bytes.
    private static let shortest = 8

    let bytes: [UInt8]
    /// For each number of matched bytes, how many are still matched if the next byte differs (Knuth, Morris, Pratt).
    let fallback: [Int]
    /// How many bytes at the beginning are treated like the whole token, since providers truncate texts. At least half
    /// of it: otherwise a caller whose own text is quoted in an error could guess the token byte by byte.
    let least: Int

    /// Nil if there is no token to hide.
    init?(_ token: Secret?) {
        guard let token = token?.revealed else { return nil }
        // Without a scheme: the token of an `auth_header` may begin with "Bearer".
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

    /// The first offset from `start` on at which the token or an escape may begin; the end if there is none.
    func nextPlace(in text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var index = nextMark(in: text, from: start)
        while let length = Unescaper.escape(at: index, of: text, isNot: bytes[0]) {
            index = nextMark(in: text, from: index &+ length)
        }
        return index
    }

    /// The same, including common escapes such as `\n`. Tests sixteen offsets at a time.
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
                // The token's second byte may be the escaped one.
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
