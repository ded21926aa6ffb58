/// Guesses which name was meant.
package enum NearestName {
    /// Longer names aren't worth the time. In bytes.
    private static let longest = 64

    /// The advice for a name that isn't among the candidates.
    package static func hint(_ name: String, among candidates: [String]) -> String {
        let ranked = candidates.compactMap { candidate in distance(name, candidate).map { (candidate, $0) } }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else {
            return "expected one of: \(candidates.joined(separator: ", "))"
        }
        return "did you mean '\(best.0)'?"
    }

    /// How many edits lead from one name to the other, whatever their case; nil if they are nothing like each other.
    static func distance(_ name: String, _ candidate: String) -> Int? {
        guard name.utf8.count <= longest, candidate.utf8.count <= 4 * longest else { return nil }
        let edits = edits(Array(name.lowercased().utf8), Array(candidate.lowercased().utf8))
        return edits <= max(2, name.utf8.count / 2) ? edits : nil
    }

    /// The Levenshtein distance, in which a swap of neighbors counts as two.
    private static func edits(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (i, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, candidate) in other.enumerated() {
                let substitution = diagonal + (byte == candidate ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[other.count]
    }
}
