import SimulatedWorld
import Testing

@Suite struct ShrinkerTests {
    /// Ten choices of each of ten entities.
    private let made = (1...10).flatMap { entity in (1...10).map { Choice(entity: entity, index: $0) } }

    @Test(arguments: [
        [],
        [Choice(entity: 3, index: 1)],
        [Choice(entity: 1, index: 1), Choice(entity: 10, index: 10)],
        [Choice(entity: 4, index: 7), Choice(entity: 4, index: 8), Choice(entity: 5, index: 2)],
    ])
    func onlyWhatIsNeededIsKept(needed: [Choice]) {
        var shrinker = Shrinker { kept in kept.isSuperset(of: needed) ? made.filter(kept.contains) : nil }
        #expect(shrinker.shrink(made) == Set(needed))
    }

    @Test func choicesThatAreNoLongerMadeAreDropped() {
        let needed = Choice(entity: 2, index: 2)
        // Without the first entity, only the needed choice is made.
        var shrinker = Shrinker { kept in
            guard kept.contains(needed) else { return nil }
            return kept.contains(where: { $0.entity == 1 }) ? made.filter(kept.contains) : [needed]
        }
        #expect(shrinker.shrink(made) == [needed])
        #expect(shrinker.runs < 30)
    }

    @Test func aLifeThatNeedsEverythingKeepsIt() {
        var shrinker = Shrinker { kept in kept.count == made.count ? made : nil }
        #expect(shrinker.shrink(made) == Set(made))
    }

    @Test func runsAreBounded() {
        var shrinker = Shrinker(mostRuns: 17) { kept in kept.count > 60 ? made.filter(kept.contains) : nil }
        let kept = shrinker.shrink(made)
        #expect(shrinker.runs == 17)
        #expect(kept.count > 60)
    }
}
