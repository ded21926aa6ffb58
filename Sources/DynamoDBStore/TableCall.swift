import JSONBytes
import Transport

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
    /// The request that waits for it; nil if none does.
    var request: TimedRequest?
    /// When it must have ended, by the local clock in milliseconds since 1970; nil if it may take as long as any call.
    var deadline: Int64?

    init(
        _ operation: Operation, _ members: [(key: String, value: JSONValue)], isRepeatable: Bool = true,
        for request: TimedRequest? = nil
    ) {
        (self.operation, self.members, self.isRepeatable, self.request) = (operation, members, isRepeatable, request)
    }

    /// How long it may take, in milliseconds; nil for as long as any call.
    /// - Parameter now: by the local clock, in milliseconds since 1970.
    func timeLeft(at now: Int64) -> Int? {
        [deadline, request?.deadline].compactMap { $0 }.min().map { Int($0 - now) }
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
