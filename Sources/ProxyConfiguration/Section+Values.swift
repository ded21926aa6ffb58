import YAML

extension Section {
    mutating func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let text = try completeText(key)?.lowercased() else { return nil }
        guard let value = Bool(text) else { throw error(key, "must be true or false") }
        return value
    }

    /// The meaning of the word that is given.
    mutating func word<Meaning>(
        _ key: String, of meanings: KeyValuePairs<String, Meaning>
    ) throws(ConfigurationError) -> Meaning? {
        guard let text = try completeText(key) else { return nil }
        guard let meaning = meanings.first(where: { $0.key == text })?.value else {
            throw error(key, "must be \(meanings.map { "'\($0.key)'" }.joined(separator: " or "))")
        }
        return meaning
    }

    /// Whether the text has only ASCII letters and digits, and the given characters.
    static func isPlain(_ text: String, besides others: String) -> Bool {
        text.unicodeScalars.allSatisfy {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
                || others.unicodeScalars.contains($0)
        }
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int? {
        guard let text = try completeText(key) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Reads seconds and returns milliseconds.
    mutating func milliseconds(
        _ key: String, from least: Double = 0.001, to most: Int = 86_400, orZero: Bool = false
    ) throws(ConfigurationError) -> Int? {
        guard let text = try completeText(key) else { return nil }
        guard let seconds = Double(text), (least...Double(most)).contains(seconds) || (orZero && seconds == 0) else {
            let least = Int(exactly: least).map { "\($0)" } ?? "\(least)"
            let range = "from \(least) to \(most)\(orZero ? ", or 0 for none" : "")"
            throw error(key, "must be a number of seconds \(range)")
        }
        // 1.001 times 1000 is a little less than 1001.
        return Int((seconds * 1000).rounded())
    }
}

extension Int {
    /// These milliseconds as seconds, as the file has them.
    var asSeconds: String { isMultiple(of: 1000) ? "\(self / 1000)" : "\(Double(self) / 1000)" }
}

extension Section {
    /// A value inside a list, with its line for errors.
    struct Element {
        let text: String
        let line: Int
    }

    /// Nil if the key isn't there, unlike an empty list.
    func list(_ key: String) throws(ConfigurationError) -> [YAMLNode]? {
        guard let node = node(key) else { return nil }
        guard case .sequence(let elements) = node.value else { throw error(key, "must be a list") }
        return elements
    }

    /// The values of a list, without those that have a missing variable.
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

extension Section {
    /// The members of a mapping whose keys the owner chooses. Refuses empty names. Empty if the key isn't there.
    /// - Parameter purpose: "from … to …", for errors.
    func members(of key: String, _ purpose: String) throws(ConfigurationError) -> [YAMLNode.Member] {
        guard let node = node(key) else { return [] }
        guard case .mapping(let members) = node.value else { throw error(key, "must be a mapping \(purpose)") }
        for member in members where member.key.isEmpty {
            throw error(key, "has an empty name; give it one", line: member.line)
        }
        for member in members where ForeignReference.stands(inKey: member.key) {
            throw error(
                key, "has a name that looks like a variable, but variables work only in values", line: member.line)
        }
        return members
    }
}
