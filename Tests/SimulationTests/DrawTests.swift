import SimulatedWorld
import Testing

@Suite struct DrawTests {
    @Test func theSameSeedDrawsTheSame() {
        var (one, other) = (Draw(seed: 1), Draw(seed: 1))
        #expect((0..<100).map { _ in one.pick(1000) } == (0..<100).map { _ in other.pick(1000) })
    }

    @Test func leavingOutARequestDoesNotChangeTheOthers() {
        func numbers(_ choices: Choices) -> [[Int]] {
            let draw = Draw(seed: 1, choices)
            return (0..<3).map { request in
                var draw = draw.of(.request, request)
                return (0..<10).map { _ in draw.pick(1000) }
            }
        }
        let all = Choices()
        let whole = numbers(all)
        let second = all.made[10].entity
        let rest = numbers(Choices(keeping: Set(all.made.filter { $0.entity != second })))
        #expect(rest == [whole[0], Array(repeating: 0, count: 10), whole[2]])
    }
}
