import JSONBytes

/// The operations that the program calls.
enum TableOperation: String {
    case update = "UpdateItem"
    case get = "GetItem"
    case put = "PutItem"
    case delete = "DeleteItem"
}

/// The body of a call. Texts are places in the call's text.
struct TableRequest {
    let call: CallNodes
    /// The attributes of the item of a `PutItem`; otherwise the item's key.
    private(set) var attributes: [(name: Int, value: RequestValue)] = []
    private(set) var id = 0..<0
    private(set) var updateExpression: Range<Int>?
    private(set) var conditionExpression: Range<Int>?
    private(set) var names: [(placeholder: Range<Int>, name: Int)] = []
    private(set) var values: [(placeholder: Range<Int>, value: RequestValue)] = []
    /// Whether the response should contain the updated item.
    private(set) var wantsNewItem = false
    /// Whether the response should contain the item if its condition fails.
    private(set) var wantsOldItemOnFailure = false
    private var hasTable = false

    var text: [UInt8] { call.text }

    /// Members that the program doesn't send are refused, even those that DynamoDB knows or ignores: the simulated
    /// table couldn't do what they say.
    init(_ operation: TableOperation, _ body: [UInt8], _ attributeNames: inout AttributeNames) throws(TableError) {
        do throws(JSONError) {
            call = try CallNodes(body)
        } catch {
            throw .serialization("The body isn't JSON: \(error)")
        }
        var reader = CallReader(call)
        try reader.open(.object)
        while let member = reader.nextKey() { try read(member, of: operation, &reader, &attributeNames) }
        guard hasTable else {
            throw .validation("Value null at 'tableName' failed to satisfy constraint: Member must not be null")
        }
        try checkKey(operation)
    }

    private mutating func checkKey(_ operation: TableOperation) throws(TableError) {
        guard case .text(let id)? = attributes.last(where: { $0.name == AttributeNames.key })?.value,
            operation == .put || attributes.count == 1
        else { throw .validation("The provided key element does not match the schema") }
        guard (1...2048).contains(id.count) else {
            throw .validation("One or more parameter values are not valid: The key is empty or longer than 2048 bytes")
        }
        self.id = id
    }

    private mutating func read(
        _ member: Range<Int>, of operation: TableOperation, _ reader: inout CallReader,
        _ attributeNames: inout AttributeNames
    ) throws(TableError) {
        switch (TableMember(text, at: member), operation) {
        case (.table, _): hasTable = try !reader.readString().isEmpty
        case (.item, .put), (.key, .get), (.key, .update), (.key, .delete):
            try readAttributes(&reader, &attributeNames)
        case (.isConsistent, .get): try reader.readOther()
        case (.update, .update): updateExpression = try reader.readString()
        case (.condition, .update): conditionExpression = try reader.readString()
        case (.names, .update): try readNames(&reader, &attributeNames)
        case (.values, .update): try readValues(&reader)
        case (.returned, .update): wantsNewItem = try readChoice("ALL_NEW", &reader)
        case (.returnedOnFailure, .update): wantsOldItemOnFailure = try readChoice("ALL_OLD", &reader)
        default: throw .validation("The simulated table doesn't know \(text.string(at: member)) of \(operation)")
        }
    }

    private mutating func readAttributes(
        _ reader: inout CallReader, _ attributeNames: inout AttributeNames
    ) throws(TableError) {
        try reader.open(.object)
        while let name = reader.nextKey() {
            attributes.append((attributeNames.number(of: text, at: name), try reader.readValue()))
        }
    }

    private mutating func readNames(
        _ reader: inout CallReader, _ attributeNames: inout AttributeNames
    ) throws(TableError) {
        try reader.open(.object)
        names.reserveCapacity(4)
        while let placeholder = reader.nextKey() {
            try check(placeholder, "#", "Names")
            names.append((placeholder, attributeNames.number(of: text, at: try reader.readString())))
        }
        if names.isEmpty { throw .validation("ExpressionAttributeNames must not be empty") }
    }

    private mutating func readValues(_ reader: inout CallReader) throws(TableError) {
        try reader.open(.object)
        values.reserveCapacity(5)
        while let placeholder = reader.nextKey() {
            try check(placeholder, ":", "Values")
            values.append((placeholder, try reader.readValue()))
        }
        if values.isEmpty { throw .validation("ExpressionAttributeValues must not be empty") }
    }

    private func check(_ placeholder: Range<Int>, _ sign: Unicode.Scalar, _ kind: String) throws(TableError) {
        let name = text[placeholder]
        guard name.count > 1, name.first == UInt8(ascii: sign), name.dropFirst().allSatisfy(\.isOfWord) else {
            let name = text.string(at: placeholder)
            throw .validation("ExpressionAttribute\(kind) contains invalid key: Syntax error; key: \"\(name)\"")
        }
    }

    /// - Returns: whether it is this value rather than `NONE`. Others are refused.
    private func readChoice(_ wanted: StaticString, _ reader: inout CallReader) throws(TableError) -> Bool {
        let choice = try reader.readString()
        if text.hasText(wanted, at: choice) { return true }
        guard text.hasText("NONE", at: choice) else {
            throw .validation("Return values set to invalid value: the simulated table knows NONE and \(wanted)")
        }
        return false
    }
}

/// A member of a call that the program sends.
private enum TableMember {
    case table, key, item, isConsistent, update, condition, names, values, returned, returnedOnFailure

    /// - Parameter place: of its name.
    init?(_ text: [UInt8], at place: Range<Int>) {
        guard let member = Self.all.first(where: { text.hasText($0.name, at: place) }) else { return nil }
        self = member.member
    }

    private static let all: [(name: StaticString, member: Self)] = [
        ("TableName", .table), ("Key", .key), ("Item", .item), ("ConsistentRead", .isConsistent),
        ("UpdateExpression", .update), ("ConditionExpression", .condition), ("ExpressionAttributeNames", .names),
        ("ExpressionAttributeValues", .values), ("ReturnValues", .returned),
        ("ReturnValuesOnConditionCheckFailure", .returnedOnFailure),
    ]
}

extension UInt8 {
    /// Whether it may be in a keyword or placeholder.
    var isOfWord: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
