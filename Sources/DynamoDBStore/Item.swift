import JSONBytes
import Proxy

/// The attributes of an item that a caller reads.
protocol ItemAttributes: Equatable, Sendable {
    init(_ reader: inout JSONReader) throws(JSONError)
}

/// DynamoDB's response to a call.
struct ItemResponse<Item: ItemAttributes>: Equatable, Sendable {
    /// Such as `ThrottlingException`; empty if it isn't an error.
    private(set) var errorName = ""
    /// The item after an update, as it was if the update was refused, or as it was read; nil if there is none.
    private(set) var item: Item?

    /// Whether the condition failed, so that nothing was changed.
    var isRefusal: Bool { errorName == "ConditionalCheckFailedException" }

    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes, maximumDepth: 16)
        var errorName = ""
        var item: Item?
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "__type": errorName = Self.name(try reader.readString())
            case "Attributes", "Item": item = try Item(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        self.errorName = errorName
        self.item = item
    }

    /// The part after the namespace. Limited to letters because it is logged.
    private static func name(_ type: String) -> String {
        String((type.split(separator: "#").last ?? "").prefix(64).filter { $0.isASCII && $0.isLetter })
    }
}

/// The attributes of an item that counts usage. A missing number is 0.
struct UsageItem: ItemAttributes {
    private(set) var usage = Usage()
    private(set) var leases: [String] = []

    init(_ reader: inout JSONReader) throws(JSONError) {
        var usage = Usage()
        var leases: [String] = []
        try reader.readObject { name, reader throws(JSONError) in
            switch name.text {
            case Attribute.requests: usage.requests = try Self.number(&reader)
            case Attribute.tokens: usage.tokens = try Self.number(&reader)
            case Attribute.cost: usage.cost = try Self.number(&reader)
            case Attribute.leases: leases = try Self.strings(&reader)
            default: try reader.skipValue()
            }
        }
        self.usage = usage
        self.leases = leases
    }

    /// Larger numbers are refused, because sums could overflow.
    private static let largest = 1_000_000_000_000_000_000

    private static func number(_ reader: inout JSONReader) throws(JSONError) -> Int {
        var number: Int?
        try reader.readObject { type, reader throws(JSONError) in
            guard type == "N" else { throw JSONError(.wrongType, at: reader.position) }
            number = Int(try reader.readString())
        }
        guard let number, (-largest...largest).contains(number) else {
            throw JSONError(.wrongType, at: reader.position)
        }
        return number
    }

    private static func strings(_ reader: inout JSONReader) throws(JSONError) -> [String] {
        var strings: [String] = []
        try reader.readObject { type, reader throws(JSONError) in
            guard type == "SS" else { throw JSONError(.wrongType, at: reader.position) }
            try reader.readArray { reader throws(JSONError) in strings.append(try reader.readString()) }
        }
        return strings
    }
}

/// The attributes of an item. `expires` is the table's time to live, in seconds since 1970.
enum Attribute {
    static let id = "id"
    static let requests = "requests"
    static let tokens = "tokens"
    static let cost = "cost"
    static let leases = "leases"
    static let expires = "expires"
    static let data = "data"
    static let parts = "parts"
    static let partID = "part_id"
}

/// A lease as a member of a set: its expiry in seconds since 1970, a colon, and its id.
struct LeaseMember {
    let text: String

    init(_ lease: Lease) { text = "\(lease.expires):\(lease.id)" }

    init(_ text: String) { self.text = text }

    /// Whether the lease hasn't expired, with some grace because clocks differ. False for anything that isn't a lease.
    /// - Parameter now: in seconds since 1970.
    func isOpen(at now: Int64) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let expires = Int64(text[..<colon]) else { return false }
        return now - Self.grace < expires
    }

    /// In seconds.
    private static let grace: Int64 = 60
}
