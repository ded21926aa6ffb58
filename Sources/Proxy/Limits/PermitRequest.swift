/// How many requests to count, and up to where.
package struct PermitRequest: Sendable, Equatable {
    package let counter: Counter
    /// How many requests to count, at least 1.
    package let requests: Int
    /// Nothing is counted where as much has been used; `Int.max` for no such quota.
    package let quotas: Usage

    package init(_ counter: Counter, requests: Int, quotas: Usage) {
        self.counter = counter
        self.requests = requests
        self.quotas = quotas
    }
}
