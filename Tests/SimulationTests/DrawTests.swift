import SimulatedWorld
import Testing

@Suite struct DrawTests {
    @Test func theSameSeedDrawsTheSame() {
        var (one, other) = (Draw(seed: 1), Draw(seed: 1))
        #expect((0..<100).map { _ in one.pick(1000) } == (0..<100).map { _ in other.pick(1000) })
    }
}
