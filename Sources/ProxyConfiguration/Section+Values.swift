extension Section {
    mutating func bool(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let text = try completeText(key)?.lowercased() else { return nil }
        guard let value = Bool(text) else { throw error(key, "must be true or false") }
        return value
    }

    /// One of these words, as what it stands for.
    mutating func word<Meaning>(
        _ key: String, of meanings: KeyValuePairs<String, Meaning>
    ) throws(ConfigurationError) -> Meaning? {
        guard let text = try completeText(key) else { return nil }
        guard let meaning = meanings.first(where: { $0.key == text })?.value else {
            throw error(key, "must be \(meanings.map { "'\($0.key)'" }.joined(separator: " or "))")
        }
        return meaning
    }

    /// ASCII letters and digits, and these.
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

    /// Seconds, as milliseconds.
    mutating func milliseconds(
        _ key: String, from least: Double = 0.001, to most: Int = 86_400, orZero: Bool = false
    ) throws(ConfigurationError) -> Int? {
        guard let text = try completeText(key) else { return nil }
        guard let seconds = Double(text), (least...Double(most)).contains(seconds) || (orZero && seconds == 0) else {
            let range = "from \(least) to \(most)\(orZero ? ", or 0 for none" : "")"
            throw error(key, "must be a number of seconds \(range)")
        }
        // 1.001 times 1000 is a little less than 1001.
        return Int((seconds * 1000).rounded())
    }
}

extension Int {
    /// Milliseconds, as the file has them.
    var asSeconds: String { isMultiple(of: 1000) ? "\(self / 1000)" : "\(Double(self) / 1000)" }
}
