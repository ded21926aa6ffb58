/// The keys that a request brings, and by their digests all that there are: to be recognised where none belongs, in
/// what goes to a provider or into the log.
struct RequestKeys: Sendable {
    /// What is shorter is no secret, and would be found everywhere. In bytes.
    static let shortest = 4
    /// Longer than any key. In bytes.
    private static let longest = 8 * 1024
    /// What is shorter is a word, and not worth a digest. In bytes.
    private static let shortestDigested = 8
    /// To look for a longer one at each place of a text takes too long. In bytes.
    static let longestSearched = 256

    private let presented: [Secret]
    private let known: Set<KeyDigest>

    init(presented: [Secret] = [], known: Set<KeyDigest> = []) {
        self.presented = presented.filter { $0.revealed.utf8.count >= Self.shortest }
        self.known = known
    }

    /// Those that can be looked for inside of other words.
    var searched: [[UInt8]] {
        let lengths = Self.shortestDigested...Self.longestSearched
        return presented.map { Array($0.revealed.utf8) }.filter { lengths.contains($0.count) }
    }

    /// Whether a text is one of these keys.
    /// - Parameter withKnown: false to look only for what the request itself brings.
    func contain(_ text: ArraySlice<UInt8>, withKnown: Bool = true) -> Bool {
        let text = text.withoutOuterBlanks
        if presented.contains(where: { $0.revealed.utf8.count == text.count && text.elementsEqual($0.revealed.utf8) }) {
            return true
        }
        guard withKnown, !known.isEmpty, (Self.shortestDigested...Self.longest).contains(text.count) else {
            return false
        }
        return known.contains(KeyDigest(of: Secret(String(decoding: text, as: UTF8.self))))
    }
}
