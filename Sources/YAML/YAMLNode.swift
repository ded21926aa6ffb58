/// A piece of a YAML document, and where it stands.
package struct YAMLNode: Sendable {
    package indirect enum Value: Sendable {
        /// `isPlain`: written without quotes, so that `true` and `5` mean what they look like.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// What `<<` has taken over stands behind the mapping's own members, the nearest first.
        case mapping([Member])
    }

    package struct Member: Sendable {
        package let key: String
        /// The key's line, from 1.
        package let line: Int
        /// The number of the mapping in which it is written: another one if `<<` has taken it over.
        package let mapping: Int
        package let value: YAMLNode
    }

    package let value: Value
    /// From 1.
    package let line: Int
    /// `!Ref` and the like; empty for plain values.
    package let tag: String

    /// Nothing stands behind the colon, or `null` or `~`.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The members of a mapping; none for anything else.
    package var members: [Member] {
        if case .mapping(let members) = value { members } else { [] }
    }

    package subscript(key: String) -> YAMLNode? {
        members.first { $0.key == key }?.value
    }
}

/// Why a text is not the YAML that can be read here.
package struct YAMLError: Error, Equatable {
    /// From 1.
    package let line: Int
    package let message: String
}
