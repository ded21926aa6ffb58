/// Is told of what a value has in it while it is read over, in the order in which it is written.
@usableFromInline package protocol JSONVisitor {
    /// An object begins, or an array.
    mutating func open(isObject: Bool)
    mutating func close()
    /// The name of a member whose value comes next.
    mutating func see(key: JSONText)
    mutating func see(string: JSONText)
    mutating func see(_ scalar: JSONScalar)
}

/// A value that is neither a string nor has others in it.
@usableFromInline package enum JSONScalar { case number, bool(Bool), null }

/// Looks at nothing.
struct Skipping: JSONVisitor {
    mutating func open(isObject: Bool) {}
    mutating func close() {}
    mutating func see(key: JSONText) {}
    mutating func see(string: JSONText) {}
    mutating func see(_ scalar: JSONScalar) {}
}
