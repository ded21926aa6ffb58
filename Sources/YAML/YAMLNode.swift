/// A node of a YAML document, with its line.
package struct YAMLNode: Sendable {
    package indirect enum Value: Sendable {
        /// `isPlain`: written without quotes, so `true` is a Boolean and `5` is a number.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        /// Members merged by `<<` follow the mapping's own members, the nearest first.
        case mapping([Member])
    }

    package struct Member: Sendable {
        package let key: String
        /// The key's line, from 1.
        package let line: Int
        /// The number of the mapping that it is written in. A member merged by `<<` keeps the number of its mapping.
        package let mapping: Int
        package let value: YAMLNode
    }

    package let value: Value
    /// From 1.
    package let line: Int
    /// A tag such as `!Ref`; empty without one.
    package let tag: String

    /// Whether the value is empty, `null` or `~`.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The members of a mapping; empty for anything else.
    package var members: [Member] {
        if case .mapping(let members) = value { members } else { [] }
    }

    package subscript(key: String) -> YAMLNode? {
        members.first { $0.key == key }?.value
    }
}

/// Why a text can't be read as YAML.
package struct YAMLError: Error, Equatable {
    /// From 1.
    package let line: Int
    package let message: String
}
