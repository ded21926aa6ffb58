/// A key that opens nothing, as its sender hears of it. Like a `Secret` it can't be printed: the masked form is for the
/// answer alone.
struct RejectedKey: Equatable {
    /// As OpenAI masks keys: `sk-abcde***…***wxyz`. In ASCII.
    let masked: String
    /// What may be wrong with it: a sentence.
    let advice: String

    /// Of a shorter key the hidden part could be guessed. In bytes.
    private static let shortest = 16
    private static let mostStars = 160

    init(_ key: Secret) {
        let bytes = Array(key.revealed.utf8)
        masked = Self.mask(bytes)
        advice = Self.advice(on: bytes)
    }

    private static func mask(_ key: [UInt8]) -> String {
        guard key.count >= shortest else { return "***" }
        let beginning = key.prefix(min(8, key.count / 4))
        let ending = key.suffix(4)
        let stars = min(key.count - beginning.count - ending.count, mostStars)
        let shown = beginning + Array(repeating: UInt8(ascii: "*"), count: stars) + ending
        return String(decoding: shown.map { mayBeShown($0) ? $0 : UInt8(ascii: "*") }, as: UTF8.self)
    }

    private static func mayBeShown(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func advice(on key: [UInt8]) -> String {
        if key.bearerToken != nil {
            return "It begins with 'Bearer' itself: give your client the key alone."
        }
        if key.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }) {
            return "It has quotes or spaces in it: give your client the key alone."
        }
        return "Check that it is complete, and a key of this proxy."
    }
}

extension RejectedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[masked key]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
