/// How much someone may use.
package struct Allowance: Sendable, Equatable {
    package var ceilings: [Ceiling] = []
    /// How many requests may be open at once.
    package var parallel: Int?

    package init() {}

    package var isUnlimited: Bool { ceilings.isEmpty && parallel == nil }
}
