/// How much someone may use.
package struct Allowance: Sendable, Equatable {
    package var ceilings: [Ceiling] = []
    /// How many requests may be open at once.
    package var parallel: Int?

    package init() {}

    /// Whether tokens or costs are limited.
    package var countsUsage: Bool { ceilings.contains { $0.measure != .requests } }

    /// Whether costs are limited.
    package var countsCost: Bool { ceilings.contains { $0.measure == .cost } }

    package var isUnlimited: Bool { ceilings.isEmpty && parallel == nil }
}
