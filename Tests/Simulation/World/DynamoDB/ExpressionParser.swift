/// Parses the expressions of a call, token by token.
///
/// It knows what the program writes: `ADD`, `DELETE` and `SET` to a value in updates; comparisons, `size`,
/// `attribute_exists`, `attribute_not_exists`, `AND`, `OR`, `NOT` and parentheses in conditions; attributes by
/// placeholders; keywords in capitals. The rest of DynamoDB's language is refused as bad syntax is.
struct ExpressionParser {
    enum Token {
        case name(Int), value(RequestValue), word(Word), comparator(Comparator), open, close, comma, end
    }

    enum Word { case add, delete, set, and, or, not, exists, notExists, size }

    enum Comparator { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }

    /// The token to be read next.
    private(set) var token = Token.end
    let request: TableRequest
    /// One bit for each name and value.
    private var (usedNames, usedValues): (UInt64, UInt64) = (0, 0)
    /// The name of the call's member, for messages.
    private var kind = ""
    private var position = 0
    private var end = 0
    /// How many parentheses and negations are open.
    var depth = 0

    init(_ request: TableRequest) throws(TableError) {
        self.request = request
        guard max(request.names.count, request.values.count) <= 64 else {
            throw .validation("The simulated table takes up to 64 names and values")
        }
    }

    /// - Parameters:
    ///   - kind: the name of the call's member.
    ///   - place: of its text.
    mutating func begin(_ kind: String, _ place: Range<Int>) throws(TableError) {
        (self.kind, position, end) = (kind, place.lowerBound, place.upperBound)
        guard place.count <= Self.longest else {
            throw invalid("Expression size has exceeded the maximum allowed size")
        }
        try advance()
        if case .end = token { throw invalid("The expression can not be empty") }
    }

    /// In bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    private static let longest = 4096

    /// DynamoDB refuses a call with a name or value that no expression uses.
    func requireUse() throws(TableError) {
        guard usedNames.nonzeroBitCount == request.names.count, usedValues.nonzeroBitCount == request.values.count
        else {
            throw .validation("Value provided in ExpressionAttributeNames or ExpressionAttributeValues unused")
        }
    }

    func invalid(_ message: String) -> TableError { .validation("Invalid \(kind): \(message)") }

    /// The error about the current token.
    var unexpected: TableError {
        invalid("Syntax error before: \"\(String(decoding: request.text[position..<end].prefix(20), as: UTF8.self))\"")
    }

    mutating func advance() throws(TableError) {
        while position < end, request.text[position] == UInt8(ascii: " ") { position += 1 }
        guard position < end else { return token = .end }
        let start = position
        position += 1
        switch request.text[start] {
        case UInt8(ascii: "("): token = .open
        case UInt8(ascii: ")"): token = .close
        case UInt8(ascii: ","): token = .comma
        case UInt8(ascii: "="): token = .comparator(.equal)
        case UInt8(ascii: "<"):
            let isNot = skip(UInt8(ascii: ">"))
            token = .comparator(isNot ? .notEqual : skip(UInt8(ascii: "=")) ? .lessOrEqual : .less)
        case UInt8(ascii: ">"): token = .comparator(skip(UInt8(ascii: "=")) ? .greaterOrEqual : .greater)
        default: token = try word(from: start)
        }
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard position < end, request.text[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func word(from start: Int) throws(TableError) -> Token {
        while position < end, request.text[position].isOfWord { position += 1 }
        let place = start..<position
        switch request.text[start] {
        case UInt8(ascii: "#"):
            for (index, name) in request.names.enumerated()
            where request.text.hasSameText(at: name.placeholder, and: place) {
                usedNames |= 1 << UInt64(index)
                return .name(name.name)
            }
        case UInt8(ascii: ":"):
            for (index, value) in request.values.enumerated()
            where request.text.hasSameText(at: value.placeholder, and: place) {
                usedValues |= 1 << UInt64(index)
                return .value(value.value)
            }
        default: if let word = Word(request.text, at: place) { return .word(word) }
        }
        throw invalid("Unknown or undefined: \(request.text.string(at: place))")
    }
}

extension ExpressionParser.Word {
    fileprivate init?(_ text: [UInt8], at place: Range<Int>) {
        guard let word = Self.all.first(where: { text.hasText($0.text, at: place) }) else { return nil }
        self = word.word
    }

    private static let all: [(text: StaticString, word: Self)] = [
        ("ADD", .add), ("DELETE", .delete), ("SET", .set), ("AND", .and), ("OR", .or), ("NOT", .not),
        ("attribute_exists", .exists), ("attribute_not_exists", .notExists), ("size", .size),
    ]
}
