import JSONBytes

/// The keys of the table. Finds them anywhere in a text.
struct KnownKeys: Sendable {
    /// The lengths of the keys that are searched for, in bytes. A shorter key might be an ordinary word, and a longer
    /// one is found only as a whole word.
    static let searched = 8...1024

    // Arrays: the first use of a set or dictionary with another type of key takes a hundredth of a cold start.
    private let digests: [KeyDigest]
    /// Rolling hashes of the keys, in order, by the length of the key.
    private let sums: [(length: Int, all: [UInt32])]
    /// Whether only the digest of some keys is known.
    private let hasUntraced: Bool

    init(_ digests: [KeyDigest] = []) {
        self.digests = digests
        let traces = digests.compactMap(\.trace)
        hasUntraced = traces.count < digests.count
        var sums: [(length: Int, all: [UInt32])] = []
        for trace in traces where Self.searched.contains(trace.length) {
            if let index = sums.firstIndex(where: { $0.length == trace.length }) {
                sums[index].all.append(trace.sum)
            } else {
                sums.append((trace.length, [trace.sum]))
            }
        }
        self.sums = sums.map { ($0.length, $0.all.sorted()) }
    }

    var isEmpty: Bool { digests.isEmpty }

    func contains(_ text: ArraySlice<UInt8>) -> Bool {
        digests.contains(KeyDigest(untraced: Secret(String(decoding: text, as: UTF8.self))))
    }

    /// The ranges of keys in a text.
    /// - Parameter digests: how many digests may still be computed for keys of which only the digest is known.
    func ranges(in text: [UInt8], digests: inout Int) -> [Range<Int>] {
        sums.flatMap { traced(in: text, length: $0.length, sums: $0.all) } + joined(in: text, digests: &digests)
    }

    private func traced(in text: [UInt8], length: Int, sums: [UInt32]) -> [Range<Int>] {
        guard length <= text.count else { return [] }
        var window = KeyTrace.Window(length: length)
        return text.indices.compactMap { index in
            window.move(to: text[index], from: index < length ? 0 : text[index - length])
            let range = max(0, index + 1 - length)..<index + 1
            return range.count == length && sums.hasSorted(window.sum) && contains(text[range]) ? range : nil
        }
    }

    /// A key of which only the digest is known may contain separators, and so look like several words. So adjacent
    /// words are tried together, short sequences first.
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

    /// The offsets at which words and separators begin and end.
    private static func edges(of run: ArraySlice<UInt8>) -> [Int] {
        let inner = zip(run.indices, run.indices.dropFirst()).filter { !run[$0].isKeyByte || !run[$1].isKeyByte }.map(
            \.1)
        return [run.startIndex] + inner + [run.endIndex]
    }
}

extension [UInt32] {
    /// Whether a sorted array has a number.
    fileprivate func hasSorted(_ number: UInt32) -> Bool {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low] == number
    }
}

/// A key's length, and 32 bits of a rolling hash (Rabin-Karp). They find the places in a text where the key may be, so
/// that only those need a digest. They don't make the key easier to guess than its digest does.
struct KeyTrace: Sendable {
    let length: Int
    let sum: UInt32

    /// Nil for a key that is too long to be searched for.
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
        /// The weight of the byte that leaves the window.
        private let weight: UInt64

        init(length: Int) { weight = (0..<length).reduce(1) { weight, _ in weight &* Self.factor } }

        var sum: UInt32 { UInt32(value >> 32) }

        mutating func move(to next: UInt8, from last: UInt8) {
            value = value &* Self.factor &+ UInt64(next) &- UInt64(last) &* weight
        }
    }
}

extension UInt8 {
    /// Whether a key may contain this byte. Bytes that separate the parts of a path, a sentence or a list are left out.
    var isKeyByte: Bool { isDigit || isLetter || self >= 0x80 || "-_.~+%!$*^#".utf8.contains(self) }
}

/// The keys that a request presents, and all known keys. Recognizes them in what goes to a provider or into the log.
struct RequestKeys: Sendable {
    /// Shorter texts aren't secret, and would be found everywhere. In bytes.
    static let shortest = 4
    /// Longer than any key. In bytes.
    private static let longest = 8 * 1024
    /// The most candidates whose digest is computed for one text.
    static let mostDigests = 200

    private let presented: [Secret]
    private let known: KnownKeys
    /// The presented keys that are searched for inside other words.
    private let searched: [[UInt8]]

    init(presented: [Secret] = [], known: KnownKeys = KnownKeys()) {
        self.presented = presented.filter { $0.revealed.utf8.count >= Self.shortest }
        self.known = known
        searched = presented.map { Array($0.revealed.utf8) }.filter { $0.count >= KnownKeys.searched.lowerBound }
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

    /// The ranges of these keys in a text, in order. Overlapping ranges are merged.
    /// - Parameters:
    ///   - withKnown: false to look only for keys that the request itself presents.
    ///   - digests: how many digests may still be computed.
    func ranges(in text: [UInt8], withKnown: Bool = true, digests: inout Int) -> [Range<Int>] {
        var all = withKnown ? known.ranges(in: text, digests: &digests) : []
        for key in searched { all += Self.ranges(of: key, in: text) }
        return all.sorted { $0.lowerBound < $1.lowerBound }.reduce(into: []) { merged, range in
            guard let last = merged.last, range.lowerBound < last.upperBound else { return merged.append(range) }
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        }
    }

    /// Of a token, which may be long, the beginning is searched for. What follows of it in the text belongs to it.
    private static func ranges(of key: [UInt8], in text: [UInt8]) -> [Range<Int>] {
        let beginning = key.prefix(KnownKeys.searched.upperBound)
        var ranges: [Range<Int>] = []
        for index in text.indices where text[index] == key[0] && text[index...].starts(with: beginning) {
            var end = index + beginning.count
            // Once for each occurrence, so that a text of repetitions doesn't take quadratic time.
            if index >= ranges.last?.upperBound ?? 0 {
                while end < text.count, end - index < key.count, text[end] == key[end - index] { end += 1 }
            }
            ranges.append(index..<end)
        }
        return ranges
    }
}
