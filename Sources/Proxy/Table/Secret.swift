/// A token or a key: text that no log, error or dump can show. Only `revealed` gives it out.
package struct Secret: Sendable, Equatable {
    /// For the one header that carries it, and for its digest.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    /// What its owner should know: each the end of a sentence.
    package var advice: [String] {
        var advice: [String] = []
        // Trying finds it.
        if revealed.utf8.count < 16 {
            advice.append(
                "is shorter than 16 characters: whoever guesses it may call; make a long one with 'openssl rand -hex 24'"
            )
        }
        if revealed.utf8.contains(where: { $0 >= 0x80 }) {
            advice.append("contains non-ASCII characters, which most clients can't send in a header")
        }
        return advice
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
