/// The keys that a request brings, and by their digests all that there are: to be recognised where none belongs, in
/// what goes to a provider or into the log.
struct RequestKeys: Sendable {
    /// What is shorter is no secret, and would be found everywhere. In bytes.
    static let shortest = 4
    /// Longer than any key. In bytes.
    private static let longest = 8 * 1024
    /// What may be tried in one text where only a digest tells whether it is a key.
    static let mostDigests = 200

    private let presented: [Secret]
    private let known: KnownKeys
    /// Those presented that can be looked for inside of other words.
    private let searched: [[UInt8]]

    init(presented: [Secret] = [], known: KnownKeys = KnownKeys()) {
        self.presented = presented.filter { $0.revealed.utf8.count >= Self.shortest }
        self.known = known
        searched = presented.map { Array($0.revealed.utf8) }.filter { KnownKeys.searched.contains($0.count) }
    }

    /// Whether a text is one of these keys.
    /// - Parameter withKnown: false to look only for what the request itself brings.
    func contain(_ text: ArraySlice<UInt8>, withKnown: Bool = true) -> Bool {
        let text = text.withoutOuterBlanks
        if presented.contains(where: { $0.revealed.utf8.count == text.count && text.elementsEqual($0.revealed.utf8) }) {
            return true
        }
        guard withKnown, !known.isEmpty, (KnownKeys.searched.lowerBound...Self.longest).contains(text.count) else {
            return false
        }
        return known.contains(text)
    }

    /// Where these keys stand in a text, in its order. Those that overlap are one.
    /// - Parameters:
    ///   - withKnown: false to look only for what the request itself brings.
    ///   - digests: how many more may be made.
    func ranges(in text: [UInt8], withKnown: Bool = true, digests: inout Int) -> [Range<Int>] {
        var all = withKnown ? known.ranges(in: text, digests: &digests) : []
        for key in searched {
            for index in text.indices where text[index] == key[0] && text[index...].starts(with: key) {
                all.append(index..<index + key.count)
            }
        }
        return all.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
            guard let last = merged.last, range.lowerBound < last.upperBound else { return merged.append(range) }
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        }
    }
}
