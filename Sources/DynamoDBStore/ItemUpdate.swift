import JSONBytes

/// A change of one item. Attributes go by placeholders (`#name`), since DynamoDB reserves hundreds of words.
struct ItemUpdate {
    private let id: String
    private var additions: [String] = []
    private var deletions: [String] = []
    private var assignments: [String] = []
    private var conditions: [String] = []
    private var names: [String] = []
    private var values: [(key: String, value: JSONValue)] = []
    /// Whether the item as it is afterwards is wanted.
    var wantsItem = false

    /// - Parameter expires: from when on the item may be dropped. In seconds since 1970.
    init(of id: String, expires: Int64) {
        self.id = id
        set(Attribute.expires, .number(Int(expires)))
    }

    /// Adds to a number, or members to a set.
    mutating func add(_ value: JSONValue, to attribute: String) {
        additions.append("\(name(attribute)) \(self.value(value, attribute))")
    }

    /// Takes members out of a set.
    mutating func delete(_ value: JSONValue, from attribute: String) {
        deletions.append("\(name(attribute)) \(self.value(value, attribute))")
    }

    mutating func set(_ attribute: String, _ value: JSONValue) {
        assignments.append("\(name(attribute)) = \(self.value(value, attribute))")
    }

    mutating func require(_ attribute: String, below quota: Int) {
        let name = name(attribute)
        let quota = value(.number(quota), "\(attribute)Quota")
        conditions.append("(attribute_not_exists(\(name)) OR \(name) < \(quota))")
    }

    mutating func requireSize(of attribute: String, below quota: Int) {
        let name = name(attribute)
        let quota = value(.number(quota), "\(attribute)Quota")
        conditions.append("(attribute_not_exists(\(name)) OR size(\(name)) < \(quota))")
    }

    /// - Parameter old: nil if there must be none.
    mutating func require(_ attribute: String, is old: JSONValue?) {
        let name = name(attribute)
        conditions.append(old.map { "\(name) = \(value($0, "\(attribute)Before"))" } ?? "attribute_not_exists(\(name))")
    }

    func json(in table: String) -> JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("TableName", .string(table)), ("Key", .object([(Attribute.id, .text(id))])),
            ("UpdateExpression", .string(expression)),
            ("ExpressionAttributeNames", .object(names.map { ("#\($0)", .string($0)) })),
            ("ExpressionAttributeValues", .object(values)),
        ]
        if wantsItem { members.append(("ReturnValues", .string("ALL_NEW"))) }
        if !conditions.isEmpty {
            members.append(("ConditionExpression", .string(conditions.joined(separator: " AND "))))
            members.append(("ReturnValuesOnConditionCheckFailure", .string("ALL_OLD")))
        }
        return .object(members)
    }

    private var expression: String {
        [("ADD", additions), ("DELETE", deletions), ("SET", assignments)]
            .filter { !$0.1.isEmpty }
            .map { "\($0.0) \($0.1.joined(separator: ", "))" }.joined(separator: " ")
    }

    private mutating func name(_ attribute: String) -> String {
        if !names.contains(attribute) { names.append(attribute) }
        return "#\(attribute)"
    }

    private mutating func value(_ value: JSONValue, _ name: String) -> String {
        values.append((":\(name)", value))
        return ":\(name)"
    }
}

/// Values of attributes.
extension JSONValue {
    static func text(_ text: String) -> JSONValue { .object([("S", .string(text))]) }
    static func number(_ number: Int) -> JSONValue { .object([("N", .string(String(number)))]) }
    static func texts(_ texts: [String]) -> JSONValue { .object([("SS", .array(texts.map { .string($0) }))]) }
}
