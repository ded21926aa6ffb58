/// Guesses which name was meant.
enum NearestName {
    /// What to say of a name that isn't one of these.
    static func hint(_ name: String, among candidates: [String]) -> String {
        to(name, among: candidates).map { "did you mean '\($0)'?" } ?? "known are \(candidates.joined(separator: ", "))"
    }

    /// The candidate with the fewest edits; nil if even that one is nothing like it.
    static func to(_ name: String, among candidates: [String]) -> String? {
        let ranked = candidates.map { ($0, distance(Array(name.lowercased().utf8), Array($0.lowercased().utf8))) }
        guard let best = ranked.min(by: { $0.1 < $1.1 }) else { return nil }
        return best.1 <= max(2, name.utf8.count / 2) ? best.0 : nil
    }

    /// Levenshtein's distance, two swapped neighbours counting as two. Long names aren't worth the time.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        guard one.count <= 64 else { return .max }
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
