import JSONBytes

/// The claims of a token: the members of its payload.
///
/// A claim's name may be a path such as `realm_access.roles`, which is the member `roles` of the claim `realm_access`.
/// A claim that has exactly the name wins.
package struct TokenClaims: Sendable {
    private let members: UniqueMembers
    /// Whether lists have become texts, as in the events of API Gateway.
    private var hasListsAsTexts = false

    init(_ members: UniqueMembers) { self.members = members }

    /// Reads the claims of a token that API Gateway has verified, as its events have them.
    /// - Returns: nil if this isn't a JSON object, or a name occurs twice.
    package init?(verifiedByGateway json: [UInt8]) {
        guard let value = try? JSONSlice(json), let members = UniqueMembers(value) else { return nil }
        self.members = members
        hasListsAsTexts = true
    }

    /// Whether a claim is there, even if it is null.
    func has(_ name: String) -> Bool { members.value(at: name) != nil }

    /// The `iss` claim; nil if it is missing or isn't a string.
    package var issuer: String? { text(of: "iss") }

    /// The texts of a claim: of a string, a number or a Boolean its text; of a list those of its elements. Empty if the
    /// claim is missing, or is or has anything else. A number's text is as the token has it.
    package func texts(of name: String) -> [String] {
        guard let value = members.value(at: name) else { return [] }
        if hasListsAsTexts, name.utf8.elementsEqual("cognito:groups".utf8), let text = value.string {
            return Self.list(in: text)
        }
        guard let elements = value.elements else { return value.text.map { [$0] } ?? [] }
        let texts = elements.compactMap(\.text)
        return texts.count == elements.count ? texts : []
    }

    /// The elements of a list that has become a text: `a,b` from a REST API, `[a b]` from an HTTP API. Only for names
    /// that users can't choose, because a name may have a comma.
    private static func list(in text: String) -> [String] {
        let isBracketed = text.utf8.first == UInt8(ascii: "[") && text.utf8.last == UInt8(ascii: "]")
        let elements = isBracketed ? text.utf8.dropFirst().dropLast() : text.utf8[...]
        return elements.split { $0 == UInt8(ascii: isBracketed ? " " : ",") }.map { String($0) ?? "" }
    }

    /// The text of a claim that is a string; nil otherwise.
    package func text(of name: String) -> String? { members.value(at: name)?.string }

    /// The `exp` claim in seconds since 1970, rounded down; nil if it is missing or isn't a number in range.
    package var expires: Int64? { date("exp") }

    /// The `aud` claim, which is a string or a list of strings; empty if it is missing, nil if it is anything else.
    var audiences: [String]? {
        guard let value = members.value(at: "aud") else { return [] }
        guard let elements = value.elements else { return value.string.map { [$0] } }
        let texts = elements.compactMap(\.string)
        return texts.count == elements.count ? texts : nil
    }

    /// A NumericDate (RFC 7519, section 2) in seconds since 1970, rounded down; nil if it is missing or isn't a number
    /// in range. The range is far wider than that of any clock, and keeps sums from overflowing.
    func date(_ name: String) -> Int64? {
        guard let seconds = members.value(at: name)?.double, (-Self.latest...Self.latest).contains(seconds) else {
            return nil
        }
        return Int64(seconds.rounded(.down))
    }

    private static let latest = 1e12
}

extension JSONSlice {
    /// The text of a string, a number or a Boolean; nil for anything else.
    fileprivate var text: String? {
        switch kind {
        case .string: string
        case .number, .bool: String(decoding: raw, as: UTF8.self)
        case .object, .array, .null: nil
        }
    }
}
