/// What no output may contain.
package enum Secrets {
    /// Part of every secret, and of nothing else. Messages about wrong keys show a key's first eight characters, and its
    /// last four.
    package static let marker = "Zq9X"

    /// Whether a text has a secret.
    /// - Parameter orTokens: or a user's token.
    static func isIn(_ text: String.UTF8View, orTokens: Bool) -> Bool {
        text.withContiguousStorageIfAvailable { isIn(UnsafeRawBufferPointer($0), orTokens: orTokens) }
            ?? isIn(Array(text), orTokens: orTokens)
    }

    static func isIn(_ bytes: [UInt8], orTokens: Bool) -> Bool {
        bytes.withUnsafeBytes { isIn($0, orTokens: orTokens) }
    }

    /// All tokens begin with `{"alg":"`, in base64.
    private static func isIn(_ bytes: UnsafeRawBufferPointer, orTokens: Bool) -> Bool {
        bytes.hasText("Zq9X") || orTokens && bytes.hasText("eyJhbGciOi")
    }
}
