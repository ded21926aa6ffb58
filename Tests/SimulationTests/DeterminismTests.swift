import SimulatedWorld
import Testing

@Suite struct DeterminismTests {
    @Test func theSameSeedGivesTheSameLife() throws {
        // Each seed has a table of its own.
        for seed in stride(from: 0 as UInt64, to: 800, by: 33) {
            #expect(try events(seed) == events(seed), "life \(seed)")
        }
    }

    @Test func aLifeThatKeepsAllItsChoicesIsTheSame() throws {
        for seed in stride(from: 0 as UInt64, to: 330, by: 33) {
            let all = Choices()
            #expect(try events(seed, all) == events(seed, Choices(keeping: Set(all.made))), "life \(seed)")
        }
    }

    private func events(_ seed: UInt64, _ choices: Choices? = nil) throws -> [String] {
        var events: [String] = []
        let life = try Life(seed: seed, TableCache(), choices) { events.append($0) }
        _ = life.run()
        try #require(!events.isEmpty)
        return events
    }
}
