/// The simplest life that was found to violate the same invariant first as the life of a seed.
///
/// A seed is always shrunk to the same life.
package struct ShrunkLife {
    /// The choices that it keeps.
    package let kept: Set<Choice>
    package let requestsBefore: Int
    package private(set) var requests: Int
    /// How many lives were tried.
    package let lives: Int

    /// - Parameter beforeEach: called before each life that is tried.
    /// - Returns: nil if the life of the seed violates nothing.
    package init?(_ seed: UInt64, beforeEach: @escaping () -> Void = {}) throws {
        beforeEach()
        let choices = Choices()
        let life = try Life(seed: seed, TableCache(), choices)
        guard let invariant = life.run().first?.invariant else { return nil }
        var requests = life.requests
        var shrinker = Shrinker { kept in
            beforeEach()
            let choices = Choices(keeping: kept)
            // A table that can't be loaded isn't what is looked for.
            guard let life = try? Life(seed: seed, TableCache(), choices), life.run().first?.invariant == invariant
            else { return nil }
            requests = life.requests
            return choices.made
        }
        kept = shrinker.shrink(choices.made)
        (lives, requestsBefore, self.requests) = (shrinker.runs, life.requests, requests)
    }
}

extension Life {
    fileprivate var requests: Int { visits.count { $0 != nil } }
}
