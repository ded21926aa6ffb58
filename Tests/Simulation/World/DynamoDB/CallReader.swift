import Digests

/// A value in a call. Texts are places in the call's text: copying such a value takes no counting of references.
enum RequestValue {
    case number(Int128)
    case text(Range<Int>)
    case binary(Range<Int>)
    /// The members' places in the call's nodes.
    case texts(Range<Int>)
}

/// Reads a call from its nodes, one after the other.
struct CallReader {
    private let nodes: [CallNodes.Node]
    private let text: [UInt8]
    private var next = 0

    init(_ nodes: CallNodes) { (self.nodes, text) = (nodes.nodes, nodes.text) }

    /// - Parameter kind: object or array.
    mutating func open(_ kind: CallNodes.Node.Kind) throws(TableError) {
        guard nodes[next].kind == kind else { throw Self.wrongType }
        next += 1
    }

    /// The name of the next member of an object; nil if it ends.
    mutating func nextKey() -> Range<Int>? {
        let node = nodes[next]
        next += 1
        return node.kind == .end ? nil : node.place
    }

    mutating func readString() throws(TableError) -> Range<Int> {
        guard nodes[next].kind == .string else { throw Self.wrongType }
        next += 1
        return nodes[next - 1].place
    }

    /// Skips a truth value.
    mutating func readOther() throws(TableError) {
        guard nodes[next].kind == .other else { throw Self.wrongType }
        next += 1
    }

    private static let wrongType = TableError.serialization("Unexpected value type in payload")

    /// Reads an object with one member, which is named after the type.
    mutating func readValue() throws(TableError) -> RequestValue {
        try open(.object)
        let none = TableError.validation("Supplied AttributeValue must contain exactly one of the supported datatypes")
        guard let type = nextKey() else { throw none }
        let value = try readContent(type)
        guard nextKey() == nil else { throw none }
        return value
    }

    private mutating func readContent(_ type: Range<Int>) throws(TableError) -> RequestValue {
        if text.hasText("N", at: type) {
            guard let number = Int128(digits: text[try readString()]) else {
                throw .validation("The simulated table has whole numbers of up to 38 digits only")
            }
            return .number(number)
        }
        if text.hasText("S", at: type) { return .text(try readString()) }
        if text.hasText("SS", at: type) { return try readTexts() }
        guard text.hasText("B", at: type) else {
            throw .validation("The simulated table doesn't know values of the type \(text.string(at: type))")
        }
        let base64 = try readString()
        guard Base64.decode(Array(text[base64])) != nil else { throw .serialization("Invalid base64") }
        return .binary(base64)
    }

    private mutating func readTexts() throws(TableError) -> RequestValue {
        try open(.array)
        let start = next
        while nodes[next].kind == .string {
            let place = nodes[next].place
            guard !nodes[start..<next].contains(where: { text.hasSameText(at: $0.place, and: place) }) else {
                throw .validation("One or more parameter values were invalid: Input collection contains duplicates.")
            }
            next += 1
        }
        guard nodes[next].kind == .end else { throw Self.wrongType }
        guard next > start else {
            throw .validation("One or more parameter values were invalid: An string set  may not be empty")
        }
        next += 1
        return .texts(start..<next - 1)
    }
}
