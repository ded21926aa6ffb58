import Digests
import JSONBytes
import Proxy

/// An update of one item. Attributes are named by placeholders (`#name`), since DynamoDB reserves hundreds of words.
struct ItemUpdate {
    private let id: String
    private var additions: [String] = []
    private var deletions: [String] = []
    private var assignments: [String] = []
    private var conditions: [String] = []
    private var names: [String] = []
    private var values: [(key: String, value: JSONValue)] = []
    /// Whether the response should contain the updated item.
    var wantsItem = false

    /// - Parameter expires: when DynamoDB may delete the item, in seconds since 1970.
    init(of id: String, expires: Int64) {
        self.id = id
        set(Attribute.expires, .number(Int(expires)))
    }

    /// Adds to a number, or members to a set.
    mutating func add(_ value: JSONValue, to attribute: String) {
        additions.append("\(name(attribute)) \(self.value(value, attribute))")
    }

    /// Removes members from a set.
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

    /// - Parameter old: the required value; nil if the attribute must not exist.
    mutating func require(_ attribute: String, is old: JSONValue?) {
        let name = name(attribute)
        conditions.append(old.map { "\(name) = \(value($0, "\(attribute)Before"))" } ?? "attribute_not_exists(\(name))")
    }

    /// The members of the call, besides the table's name.
    var members: [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = [
            ("Key", .object([(Attribute.id, .text(id))])),
            ("UpdateExpression", .string(expression)),
            ("ExpressionAttributeNames", .object(names.map { ("#\($0)", .string($0)) })),
            ("ExpressionAttributeValues", .object(values)),
        ]
        if wantsItem { members.append(("ReturnValues", .string("ALL_NEW"))) }
        if !conditions.isEmpty {
            members.append(("ConditionExpression", .string(conditions.joined(separator: " AND "))))
            members.append(("ReturnValuesOnConditionCheckFailure", .string("ALL_OLD")))
        }
        return members
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

/// Attribute values in DynamoDB's format.
extension JSONValue {
    static func text(_ text: String) -> JSONValue { .object([("S", .string(text))]) }
    static func number(_ number: Int) -> JSONValue { .object([("N", .string(String(number)))]) }
    static func binary(_ bytes: [UInt8]) -> JSONValue { .object([("B", .string(Base64.encode(bytes)))]) }
    static func texts(_ texts: [String]) -> JSONValue { .object([("SS", .array(texts.map { .string($0) }))]) }
}

extension ItemUpdate {
    init(taking request: PermitRequest) {
        self.init(of: request.counter)
        add(.number(request.requests), to: Attribute.requests)
        require(Attribute.requests, belowLimit: request.quotas.requests)
        require(Attribute.tokens, belowLimit: request.quotas.tokens)
        require(Attribute.cost, belowLimit: request.quotas.cost)
        wantsItem = true
    }

    init(adding usage: Usage, to counter: Counter) {
        self.init(of: counter)
        for (attribute, amount) in [
            (Attribute.requests, usage.requests), (Attribute.tokens, usage.tokens), (Attribute.cost, usage.cost),
        ] where amount != 0 {
            add(.number(amount), to: attribute)
        }
    }

    private init(of counter: Counter) {
        self.init(of: counter.itemID, expires: counter.expires)
    }

    /// - Parameter quota: `Int.max` for none.
    private mutating func require(_ attribute: String, belowLimit quota: Int) {
        if quota < .max { require(attribute, below: quota) }
    }
}

extension Counter {
    var itemID: String { "\(scope)#\(period.rawValue)#\(start)" }

    /// In seconds since 1970. Well after the period's end, because a long stream may report its usage late.
    fileprivate var expires: Int64 { end + (period == .minute ? 3600 : 2 * 86_400) }
}

extension Lease {
    static func itemID(of scope: String) -> String { "\(scope)#open" }
}

extension ItemUpdate {
    init(entering lease: Lease) {
        self.init(of: lease)
        add(.texts([LeaseMember(lease).text]), to: Attribute.leases)
        requireSize(of: Attribute.leases, below: lease.quota)
    }

    /// - Parameters:
    ///   - open: the leases to keep.
    ///   - found: the leases that must still be in the item, so that none that was added meanwhile is lost.
    init(entering lease: Lease, among open: [String], inPlaceOf found: [String]) {
        self.init(of: lease)
        set(Attribute.leases, .texts(open + [LeaseMember(lease).text]))
        require(Attribute.leases, is: found.isEmpty ? nil : .texts(found))
    }

    init(leaving lease: Lease) {
        self.init(of: lease)
        delete(.texts([LeaseMember(lease).text]), from: Attribute.leases)
    }

    /// The item outlives the lease by two days, so that a short lease doesn't make it expire while others are open.
    private init(of lease: Lease) {
        self.init(of: Lease.itemID(of: lease.scope), expires: lease.expires + 2 * 86_400)
    }
}
