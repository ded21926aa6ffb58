/// How many requests are to be counted, and up to where.
package struct Demand: Sendable, Equatable {
    package let counter: Counter
    /// How many requests to count, at least 1.
    package let requests: Int
    /// Nothing is counted where as much has been used; `Int.max` for no such limit.
    package let ceilings: Amounts

    package init(_ counter: Counter, requests: Int, ceilings: Amounts) {
        self.counter = counter
        self.requests = requests
        self.ceilings = ceilings
    }
}

package enum Grant: Sendable, Equatable {
    /// Counted. With what has been used now, these requests included.
    case granted(Amounts)
    /// Not counted, with what has been used.
    case refused(Amounts)
}
