/// A token or a key: text that no log, error or dump can show. Only `revealed` gives it out.
package struct Secret: Sendable, Equatable {
    /// For the one header that carries it, and for its digest.
    package let revealed: String

    package init(_ text: String) { revealed = text }

    /// So short that trying finds it.
    package var isGuessable: Bool { revealed.utf8.count < 16 }
    package static let guessableAdvice =
        "is shorter than 16 characters: whoever guesses it may call; make a long one with 'openssl rand -hex 24'"
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
