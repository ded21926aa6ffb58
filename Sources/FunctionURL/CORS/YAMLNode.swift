/// A YAML value with its tag and line; just what reading a few keys of a template takes.
struct YAMLNode: Equatable, Sendable {
    enum Content: Equatable, Sendable {
        case scalar(String)
        case list([YAMLNode])
        case map([Entry])
    }

    struct Entry: Equatable, Sendable {
        var key: String
        var value: YAMLNode
    }

    /// `!Ref`, `!Sub` and the like; empty for plain values.
    var tag: String
    var line: Int
    var content: Content

    subscript(key: String) -> YAMLNode? {
        self.entries.first { $0.key == key }?.value
    }

    var entries: [Entry] {
        if case .map(let entries) = self.content { entries } else { [] }
    }
}
