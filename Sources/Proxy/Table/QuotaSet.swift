/// All that limits one key or server.
package struct QuotaSet: Sendable, Equatable {
    package var quotas: [Quota] = []
    /// How many requests may be open at once.
    package var parallel: Int?

    package init() {}

    /// Whether tokens or costs are limited.
    package var countsUsage: Bool { quotas.contains { $0.measure != .requests } }

    /// Whether costs are limited.
    package var countsCost: Bool { quotas.contains { $0.measure == .cost } }

    package var isUnlimited: Bool { quotas.isEmpty && parallel == nil }
}
