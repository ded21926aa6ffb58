import JSONBytes

/// A call for one item of the table.
struct TableCall: Sendable {
    /// DynamoDB's name of the operation, which is also that of the permission.
    enum Operation: String {
        case update = "UpdateItem"
        case get = "GetItem"
        case put = "PutItem"
        case delete = "DeleteItem"
    }

    let operation: Operation
    private let members: [(key: String, value: JSONValue)]
    /// Whether it may safely be carried out twice.
    let isRepeatable: Bool
    /// How long it may take, in milliseconds; nil for as long as any call.
    var limit: Int?

    init(_ operation: Operation, _ members: [(key: String, value: JSONValue)], isRepeatable: Bool = true) {
        (self.operation, self.members, self.isRepeatable) = (operation, members, isRepeatable)
    }

    /// - Parameter isConsistent: whether to read what was written last, at twice the price.
    static func get(_ id: String, isConsistent: Bool) -> TableCall {
        TableCall(.get, [key(id)] + (isConsistent ? [("ConsistentRead", .bool(true))] : []))
    }

    static func put(_ id: String, _ attributes: [(key: String, value: JSONValue)]) -> TableCall {
        TableCall(.put, [("Item", .object([(Attribute.id, .text(id))] + attributes))])
    }

    static func delete(_ id: String) -> TableCall { TableCall(.delete, [key(id)]) }

    private static func key(_ id: String) -> (key: String, value: JSONValue) {
        ("Key", .object([(Attribute.id, .text(id))]))
    }

    func json(in table: String) -> JSONValue { .object([("TableName", .string(table))] + members) }
}
