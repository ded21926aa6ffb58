import JSONBytes

/// The members of a JSON object in which no name occurs twice. With two of them, the issuer and this proxy could each
/// mean another one.
struct UniqueMembers: Sendable {
    /// The names are bytes, because the time to hash a `String` can grow with the square of its length.
    private let values: [[UInt8]: JSONSlice]

    /// - Returns: nil if it isn't an object, or a name occurs twice.
    init?(_ object: JSONSlice) {
        guard let members = object.members else { return nil }
        var values = [[UInt8]: JSONSlice](minimumCapacity: members.count)
        for (key, value) in members {
            guard values.updateValue(value, forKey: Array(key.bytes)) == nil else { return nil }
        }
        self.values = values
    }

    /// The value of a member, perhaps null; nil if it isn't there.
    subscript(_ name: String) -> JSONSlice? { values[Array(name.utf8)] }

    /// The value of a member, or of one inside of other objects: `realm_access.roles` is `roles` in `realm_access`.
    /// A member that has exactly this name wins.
    func value(at path: String) -> JSONSlice? {
        var (members, rest) = (self, Array(path.utf8)[...])
        while true {
            if let value = members.values[Array(rest)] { return value }
            // Names may have dots, too. The shortest one that is there counts.
            guard
                let dot = rest.indices.first(where: {
                    rest[$0] == Self.dot && members.values[Array(rest[..<$0])] != nil
                }),
                let inner = members.values[Array(rest[..<dot])].flatMap(UniqueMembers.init)
            else { return nil }
            (members, rest) = (inner, rest[(dot + 1)...])
        }
    }

    private static let dot = UInt8(ascii: ".")
}
