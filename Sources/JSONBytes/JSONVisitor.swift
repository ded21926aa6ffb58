/// Is told of what a value has in it while it is read over, in the order in which it is written.
package protocol JSONVisitor {
    /// An object or an array begins.
    mutating func open(_ kind: JSONReader.Kind)
    mutating func close()
    /// The name of a member whose value comes next.
    mutating func see(key: JSONText)
    mutating func see(string: JSONText)
    /// A number, a bool or null.
    mutating func see(_ kind: JSONReader.Kind)
}

/// Looks at nothing.
struct Skipping: JSONVisitor {
    mutating func open(_ kind: JSONReader.Kind) {}
    mutating func close() {}
    mutating func see(key: JSONText) {}
    mutating func see(string: JSONText) {}
    mutating func see(_ kind: JSONReader.Kind) {}
}
