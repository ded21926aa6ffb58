/// What is counted together: all that one scope uses in one period.
package struct Counter: Sendable, Hashable {
    /// Whose it is: see `Scope`.
    package let scope: String
    package let period: Period
    /// In seconds since 1970.
    package let start: Int64

    package init(_ scope: String, _ period: Period, start: Int64) {
        self.scope = scope
        self.period = period
        self.start = start
    }

    /// When the period ends. In seconds since 1970.
    package var end: Int64 { period.end(at: start) }
}
