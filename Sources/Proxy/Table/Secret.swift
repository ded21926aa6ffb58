/// A token or a key: text that no log, error or dump can show. Only `revealed` gives it out.
package struct Secret: Sendable, Equatable {
    /// For the one header that carries it, and for its digest.
    package let revealed: String

    package init(_ text: String) { revealed = text }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[secret]" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
