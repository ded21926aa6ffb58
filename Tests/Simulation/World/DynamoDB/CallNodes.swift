import JSONBytes

/// The JSON of a call as a flat list of what it contains.
///
/// Texts are ranges of one array, so that reading a call copies hardly anything.
struct CallNodes {
    struct Node {
        enum Kind { case object, array, end, key, string, other }

        let kind: Kind
        /// Of a key or string: its place in `text`, without quotes and escapes.
        var place = 0..<0
    }

    let nodes: [Node]
    /// The body, and after it those texts that have escapes in the body.
    let text: [UInt8]

    init(_ body: [UInt8]) throws(JSONError) {
        var reader = JSONReader(body)
        var collector = Collector(count: body.count)
        try body.withUnsafeBufferPointer { bytes throws(JSONError) in
            collector.base = UnsafeRawPointer(bytes.baseAddress)
            _ = try reader.walkValue(&collector)
        }
        try reader.finish()
        nodes = collector.nodes
        text = collector.unescaped.isEmpty ? body : body + collector.unescaped
    }
}

private struct Collector: JSONVisitor {
    /// Of the body's bytes.
    var base: UnsafeRawPointer?
    let count: Int
    private(set) var nodes: [CallNodes.Node] = []
    private(set) var unescaped: [UInt8] = []

    init(count: Int) {
        self.count = count
        // Enough for an update with three conditions.
        nodes.reserveCapacity(64)
    }

    mutating func open(isObject: Bool) { nodes.append(.init(kind: isObject ? .object : .array)) }

    mutating func close() { nodes.append(.init(kind: .end)) }

    mutating func see(key: JSONText) { nodes.append(.init(kind: .key, place: place(of: key))) }

    mutating func see(string: JSONText) { nodes.append(.init(kind: .string, place: place(of: string))) }

    mutating func see(_ scalar: JSONScalar) { nodes.append(.init(kind: .other)) }

    private mutating func place(of text: JSONText) -> Range<Int> {
        guard !text.hasEscapes else {
            let start = count + unescaped.count
            unescaped += text.bytes
            return start..<count + unescaped.count
        }
        guard let base, let start = text.raw.baseAddress else { return 0..<0 }
        return start - base..<start - base + text.raw.count
    }
}

// MARK: - Texts at places

extension [UInt8] {
    func hasText(_ text: [UInt8], at place: Range<Int>) -> Bool {
        guard place.count == text.count else { return false }
        for offset in 0..<text.count where self[place.lowerBound + offset] != text[offset] { return false }
        return true
    }

    func hasText(_ text: StaticString, at place: Range<Int>) -> Bool {
        guard place.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<place.count where self[place.lowerBound + offset] != text.utf8Start[offset] { return false }
        return true
    }

    func hasSameText(at one: Range<Int>, and other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count where self[one.lowerBound + offset] != self[other.lowerBound + offset] {
            return false
        }
        return true
    }

    /// For messages.
    func string(at place: Range<Int>) -> String { String(decoding: self[place], as: UTF8.self) }
}
