/// The claims of a token: the members of its payload.
package struct TokenClaims: Sendable {
    /// The `iss` claim; nil if it is missing or isn't a string.
    package var issuer: String? { nil }

    /// The texts of a claim: of a string, a number or a Boolean its text; of a list those of its elements. Empty if the
    /// claim is missing, or is or has anything else.
    package func texts(of name: String) -> [String] { [] }

    /// The text of a claim that is a string; nil otherwise.
    package func text(of name: String) -> String? { nil }

    /// The `exp` claim in seconds since 1970, rounded down; nil if it is missing or isn't a number in range.
    package var expires: Int64? { nil }
}
