import YAML

extension Section {
    /// A value inside a list, with its line for errors.
    struct Element {
        let text: String
        let line: Int
    }

    /// Nil if the key isn't there, which isn't the same as an empty list.
    func list(_ key: String) throws(ConfigurationError) -> [YAMLNode]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.value else { throw error(key, "must be a list") }
        return elements
    }

    /// The values of a list, but for those with a missing variable.
    mutating func elements(_ key: String) throws(ConfigurationError) -> [Element]? {
        guard let nodes = try list(key) else { return nil }
        var elements: [Element] = []
        for node in nodes {
            let text = try text(node, key, line: node.line)
            if text.missing.isEmpty { elements.append(Element(text: text.text, line: node.line)) }
        }
        return elements
    }

    mutating func integers(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> [Int]? {
        guard let elements = try elements(key) else { return nil }
        var integers: [Int] = []
        for element in elements {
            guard let integer = Int(element.text), range.contains(integer) else {
                let limits = "from \(range.lowerBound) to \(range.upperBound)"
                throw error(key, "must be a list of whole numbers \(limits)", line: element.line)
            }
            integers.append(integer)
        }
        return integers
    }
}
