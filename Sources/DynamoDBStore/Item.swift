import JSONBytes
import Proxy

/// What of an item matters. What it hasn't is 0.
struct Item: Equatable {
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

    /// Beyond it sums could overflow, and nobody has counted so much.
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
}
