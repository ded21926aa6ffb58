/// Makes as many choices of a failing life simple as it can, while the life still fails.
package struct Shrinker {
    /// Runs a life that keeps some choices.
    ///
    /// - Returns: the choices that it made, in order; nil if it doesn't fail.
    private let run: (Set<Choice>) -> [Choice]?
    private let mostRuns: Int
    package private(set) var runs = 0
    /// What the simplest failing life needs, in the order in which it is drawn.
    private var kept: [Choice] = []

    package init(mostRuns: Int = 500, _ run: @escaping (Set<Choice>) -> [Choice]?) {
        (self.mostRuns, self.run) = (mostRuns, run)
    }

    /// - Parameter made: the choices of a life that fails.
    /// - Returns: those that it needs to fail, as far as the runs suffice.
    package mutating func shrink(_ made: [Choice]) -> Set<Choice> {
        kept = Self.unique(made)
        var before: Int
        repeat {
            before = kept.count
            dropParts(of: { Choice(entity: $0.entity, index: 0) })
            dropParts(of: { $0 })
        } while kept.count < before && runs < mostRuns
        return Set(kept)
    }

    /// Drops units, which are choices or all choices of an entity: first half of them at once, then fewer. From the end,
    /// because what a life does first is what its later choices are about.
    private mutating func dropParts(of unit: (Choice) -> Choice) {
        var length = (Self.unique(kept.map(unit)).count + 1) / 2
        while length >= 1 {
            var end = kept.count
            while end > 0, runs < mostRuns {
                let units = Self.unique(kept.map(unit))
                end = min(end, units.count)
                let start = max(0, end - length)
                let dropped = Set(units[start..<end])
                tryKeeping(kept.filter { !dropped.contains(unit($0)) })
                end = start
            }
            length /= 2
        }
    }

    private mutating func tryKeeping(_ candidate: [Choice]) {
        runs += 1
        if let made = run(Set(candidate)) { kept = Self.unique(made) }
    }

    private static func unique(_ choices: [Choice]) -> [Choice] {
        var seen: Set<Choice> = []
        return choices.filter { seen.insert($0).inserted }
    }
}
