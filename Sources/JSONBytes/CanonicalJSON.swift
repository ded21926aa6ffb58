/// One spelling for all JSON texts of the same object, as the input of a hash.
///
/// There is no white space. Members are sorted by their names; those with the same name keep their order. Each string
/// and each number has one spelling. Nothing else becomes the same: not `1` and `"1"`, not two numbers that a `Double`
/// can't tell apart, not two unpaired surrogates.
package enum CanonicalJSON {
    /// Longer texts are refused, because the tree stores places in 32 bits. In bytes.
    private static let longest = 1 << 30

    /// Takes memory in proportion to the text, and time in proportion to the text and the logarithm of the number of
    /// members.
    /// - Parameters:
    ///   - object: one JSON object, with or without white space around it, nested as deeply as `JSONReader` allows.
    ///   - keeps: whether to keep a member of the object itself. Gets the name without escapes, and the value as it is
    ///     written.
    package static func text(
        of object: [UInt8], keeps: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Bool
    ) throws(JSONError) -> [UInt8] {
        guard object.count <= longest else { throw JSONError(.tooMany, at: longest) }
        return try object.withUnsafeBufferPointer { bytes throws(JSONError) in
            let source = UnsafeRawBufferPointer(bytes)
            var (tree, scanner) = (JSONTree(source), JSONScanner(source, from: 0, JSONRoom(for: .max)))
            try scanner.scanMembers { name, scanner throws(JSONError) in
                let (start, count) = (scanner.position, tree.nodes.count)
                tree.see(key: name)
                try scanner.scanValue(within: Nesting.deepest - 1, &tree)
                if !keeps(name.bytes[...], object[start..<scanner.position]) { tree.nodes.removeSubrange(count...) }
            }
            var rest = JSONReader(object, from: scanner.position)
            try rest.finish()
            var writer = CanonicalWriter(tree)
            writer.writeAll()
            return writer.output
        }
    }
}

extension JSONScanner {
    /// Scans an object. `member` is called before each value, and must scan it.
    fileprivate mutating func scanMembers(
        _ member: (_ name: JSONText, _ scanner: inout JSONScanner) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try peek() == UInt8(ascii: "{") else { throw JSONError(.wrongType, at: position) }
        position += 1
        guard try peek() != UInt8(ascii: "}") else { return position += 1 }
        while true {
            let name = try scanKey()
            _ = try peek()
            try member(name, &self)
            let byte = try peek()
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
                throw JSONError(.unexpectedByte, at: position)
            }
            position += 1
            if byte == UInt8(ascii: "}") { return }
        }
    }
}

/// The values of a JSON text in their order. It refers to strings and numbers instead of copying them.
private struct JSONTree: JSONVisitor {
    struct Node {
        enum Content {
            /// Between the quotes.
            case string(Range<UInt32>)
            case number(Range<UInt32>)
            case bool(Bool)
            case null
            /// Contains the nodes from the next one to `end`.
            case container(isObject: Bool, end: UInt32)
        }

        /// The place of its name in `names`, if it is a member.
        let name: Range<UInt32>
        var content: Content
    }

    let source: UnsafeRawBufferPointer
    var nodes: [Node] = []
    /// The names of all members in their one spelling, without quotes.
    private(set) var names: [UInt8] = []
    /// The name of the next node.
    private var name: Range<UInt32> = 0..<0
    /// The objects and arrays that haven't ended.
    private var open: [Int] = []

    init(_ source: UnsafeRawBufferPointer) {
        self.source = source
        // Enough for a short conversation.
        nodes.reserveCapacity(32)
        names.reserveCapacity(256)
    }

    mutating func open(isObject: Bool) {
        open.append(nodes.count)
        append(.container(isObject: isObject, end: 0))
    }

    mutating func close() {
        guard let index = open.popLast(), case .container(let isObject, _) = nodes[index].content else { return }
        nodes[index].content = .container(isObject: isObject, end: UInt32(nodes.count))
    }

    mutating func see(key: JSONText) {
        let start = UInt32(names.count)
        names.append(canonical: key.raw)
        name = start..<UInt32(names.count)
    }

    mutating func see(string: JSONText) { append(.string(place(of: string.raw))) }

    mutating func see(_ scalar: JSONScalar) {
        switch scalar {
        case .number(let text): append(.number(place(of: text)))
        case .bool(let isTrue): append(.bool(isTrue))
        case .null: append(.null)
        }
    }

    private mutating func append(_ content: Node.Content) { nodes.append(Node(name: name, content: content)) }

    private func place(of text: UnsafeRawBufferPointer) -> Range<UInt32> {
        guard let base = source.baseAddress, let start = text.baseAddress else { return 0..<0 }
        return UInt32(start - base)..<UInt32(start - base + text.count)
    }
}

/// Writes a tree. Doesn't use recursion, and copies each string once.
private struct CanonicalWriter {
    /// An object or array that is being written.
    private struct Frame {
        let isObject: Bool
        /// How many of the waiting nodes are outside of it.
        let outside: Int
    }

    private let tree: JSONTree
    private(set) var output: [UInt8] = []
    /// The nodes that are still to be written, the next one last.
    private var waiting: [UInt32] = []
    private var frames: [Frame] = []

    init(_ tree: JSONTree) {
        self.tree = tree
        output.reserveCapacity(tree.source.count)
        waiting.reserveCapacity(32)
        frames.reserveCapacity(8)
    }

    /// Writes an object that has the outermost nodes.
    mutating func writeAll() {
        begin(isObject: true, 0, UInt32(tree.nodes.count))
        while let frame = frames.last {
            guard waiting.count > frame.outside else {
                output.append(UInt8(ascii: frame.isObject ? "}" : "]"))
                frames.removeLast()
                continue
            }
            // No value ends with an opening bracket.
            if output.last != UInt8(ascii: "{"), output.last != UInt8(ascii: "[") { output.append(UInt8(ascii: ",")) }
            let index = waiting.removeLast()
            if frame.isObject { writeName(of: tree.nodes[Int(index)]) }
            write(tree.nodes[Int(index)].content, behind: index + 1)
        }
    }

    private mutating func write(_ content: JSONTree.Node.Content, behind next: UInt32) {
        switch content {
        case .string(let place):
            output.append(UInt8(ascii: "\""))
            output.append(canonical: tree.source[place])
            output.append(UInt8(ascii: "\""))
        case .number(let place): JSONDecimal(tree.source[place]).write(to: &output)
        case .bool(let isTrue): output.append(contentsOf: (isTrue ? "true" : "false").utf8)
        case .null: output.append(contentsOf: "null".utf8)
        case .container(let isObject, let end): begin(isObject: isObject, next, end)
        }
    }

    private mutating func writeName(of node: JSONTree.Node) {
        output.append(UInt8(ascii: "\""))
        tree.names.withUnsafeBytes { output.append(contentsOf: $0[node.name]) }
        output.append(contentsOf: "\":".utf8)
    }

    /// Puts the values of an object or array in line.
    private mutating func begin(isObject: Bool, _ start: UInt32, _ end: UInt32) {
        output.append(UInt8(ascii: isObject ? "{" : "["))
        let outside = waiting.count
        frames.append(Frame(isObject: isObject, outside: outside))
        var child = start
        while child < end {
            waiting.append(child)
            if case .container(_, let end) = tree.nodes[Int(child)].content { child = end } else { child += 1 }
        }
        let nodes = tree.nodes
        tree.names.withUnsafeBytes { names in
            waiting.withUnsafeMutableBufferPointer { waiting in
                var children = UnsafeMutableBufferPointer(rebasing: waiting[outside...])
                guard isObject else { return children.reverse() }
                children.sort { one, other in
                    let (name, otherName) = (nodes[Int(one)].name, nodes[Int(other)].name)
                    // The last child is written first.
                    return names[otherName].precedes(names[name]) ?? (other < one)
                }
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// The bytes at a place that is known to be inside.
    fileprivate subscript(place: Range<UInt32>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[Int(place.lowerBound)..<Int(place.upperBound)])
    }

    /// Whether these bytes come before others, compared byte by byte; nil if they are the same.
    fileprivate func precedes(_ other: UnsafeRawBufferPointer) -> Bool? {
        let shared = Swift.min(count, other.count)
        var index = 0
        while index &+ 8 <= shared {
            let word = UInt64(bigEndian: loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let otherWord = UInt64(bigEndian: other.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            if word != otherWord { return word < otherWord }
            index &+= 8
        }
        while index < shared {
            if self[index] != other[index] { return self[index] < other[index] }
            index &+= 1
        }
        return count == other.count ? nil : count < other.count
    }
}

extension [UInt8] {
    /// Appends the content of a string in one spelling: only quotes, backslashes, control characters and unpaired
    /// surrogates are escaped.
    /// - Parameter raw: the content as it is written. Its escapes are known to be valid.
    fileprivate mutating func append(canonical raw: UnsafeRawBufferPointer) {
        var index = 0
        while true {
            let end = raw.endOfPlainRun(from: index)
            append(contentsOf: UnsafeRawBufferPointer(rebasing: raw[index..<end]))
            guard end < raw.count else { return }
            if let byte = UnsafeRawBufferPointer.meaning(ofEscape: raw[end + 1]) {
                JSONValue.write(character: byte, to: &self)
                index = end + 2
                continue
            }
            let (scalar, length) = raw.unicodeEscape(at: end)
            index = end + length
            if let scalar {
                // DEL may be written without an escape, so it always is.
                if scalar.isASCII, scalar != "\u{7F}" {
                    JSONValue.write(character: UInt8(scalar.value), to: &self)
                } else {
                    append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                }
            } else {
                append(contentsOf: "\\u".utf8)
                for byte in raw[end + 2..<index] { append(byte | 0x20) }
            }
        }
    }
}
