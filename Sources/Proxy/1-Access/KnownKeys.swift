/// The keys of the table, to find them anywhere in a text.
struct KnownKeys: Sendable {
    /// Shorter keys aren't searched for, since they might be any word. Longer ones are found only as whole words. In
    /// bytes.
    static let searched = 8...1024

    private let digests: Set<KeyDigest>
    /// By the length of the keys.
    private let sums: [Int: Set<UInt32>]
    /// Whether there are keys of which only the digest is known.
    private let hasUntraced: Bool

    init(_ digests: [KeyDigest] = []) {
        self.digests = Set(digests)
        let traces = digests.compactMap(\.trace)
        hasUntraced = traces.count < digests.count
        sums = Dictionary(grouping: traces) { $0.length }.filter { Self.searched.contains($0.key) }
            .mapValues { Set($0.map(\.sum)) }
    }

    var isEmpty: Bool { digests.isEmpty }

    func contains(_ text: ArraySlice<UInt8>) -> Bool {
        digests.contains(KeyDigest(untraced: Secret(String(decoding: text, as: UTF8.self))))
    }

    /// Where keys stand in a text.
    /// - Parameter digests: how many more may be made where only they can tell.
    func ranges(in text: [UInt8], digests: inout Int) -> [Range<Int>] {
        sums.flatMap { traced(in: text, length: $0.key, sums: $0.value) } + joined(in: text, digests: &digests)
    }

    private func traced(in text: [UInt8], length: Int, sums: Set<UInt32>) -> [Range<Int>] {
        guard length <= text.count else { return [] }
        var window = KeyTrace.Window(length: length)
        return text.indices.compactMap { index in
            window.move(to: text[index], from: index < length ? 0 : text[index - length])
            let range = max(0, index + 1 - length)..<index + 1
            return range.count == length && sums.contains(window.sum) && contains(text[range]) ? range : nil
        }
    }

    /// A key of which only the digest is known may have separators, and so look like several words: words that stand
    /// side by side are tried together, few before many.
    private func joined(in text: [UInt8], digests: inout Int) -> [Range<Int>] {
        guard hasUntraced else { return [] }
        var found: [Range<Int>] = []
        var runs = text.split { $0 <= 0x20 }.map(Self.edges)
        var span = 1
        while digests > 0 {
            runs.removeAll { $0.count <= span }
            if runs.isEmpty { break }
            for edges in runs {
                for first in 0..<edges.count - span where digests > 0 {
                    let range = edges[first]..<edges[first + span]
                    guard range.count >= Self.searched.lowerBound else { continue }
                    digests -= 1
                    if contains(text[range]) { found.append(range) }
                }
            }
            span += 1
        }
        return found
    }

    /// Where words and separators begin and end.
    private static func edges(of run: ArraySlice<UInt8>) -> [Int] {
        let inner = zip(run.indices, run.indices.dropFirst()).filter { !run[$0].isOfKey || !run[$1].isOfKey }.map(\.1)
        return [run.startIndex] + inner + [run.endIndex]
    }
}

/// Finds places of a text that may have a key without a digest for each: the key's length, and 32 bits of a rolling
/// hash (Rabin and Karp). The digest decides. Neither makes the key easier to guess than its digest does.
struct KeyTrace: Sendable {
    let length: Int
    let sum: UInt32

    /// Nil for what is too long to be searched for.
    init?(_ key: String.UTF8View) {
        guard key.count <= KnownKeys.searched.upperBound else { return nil }
        length = key.count
        var window = Window(length: length)
        for byte in key { window.move(to: byte, from: 0) }
        sum = window.sum
    }

    struct Window {
        private static let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
        private var value: UInt64 = 0
        /// Of the byte that is left behind.
        private let weight: UInt64

        init(length: Int) { weight = (0..<length).reduce(1) { weight, _ in weight &* Self.factor } }

        var sum: UInt32 { UInt32(value >> 32) }

        mutating func move(to next: UInt8, from last: UInt8) {
            value = value &* Self.factor &+ UInt64(next) &- UInt64(last) &* weight
        }
    }
}

extension UInt8 {
    /// Whether a key may have it: what separates the parts of a path, a sentence or a list is left out.
    var isOfKey: Bool { isDigit || isLetter || self >= 0x80 || "-_.~+%!$*^#".utf8.contains(self) }
}

/// The keys that a request presents, and the digests of all known keys: to recognize them in what goes to a provider or
/// into the log.
struct RequestKeys: Sendable {
    /// A shorter text is no secret, and would be found everywhere. In bytes.
    static let shortest = 4
    /// Longer than any key. In bytes.
    private static let longest = 8 * 1024
    /// The most candidates whose digest is computed for one text.
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
    /// - Parameter withKnown: false to look only for keys that the request itself presents.
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
    ///   - withKnown: false to look only for keys that the request itself presents.
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
