import Testing

@testable import FunctionURL

@Suite struct InvocationStateTests {
    private func state(_ steps: Int) -> InvocationState {
        var state = InvocationState()
        if steps > 0 { state.deliver() }
        if steps > 1 { _ = state.beginResponse() }
        if steps > 2 { state.sendHead() }
        if steps > 3 { _ = state.end() }
        return state
    }

    @Test(
        arguments: [
            (0, .respondWithStatus), (1, .respondWithStatus), (2, .respondWithStatus), (3, .breakConnection),
            (4, .alreadyEnded),
        ] as [(Int, InvocationState.Ending)])
    func `Until the head is sent, a failure is reported by a status`(steps: Int, ending: InvocationState.Ending) {
        var state = self.state(steps)
        #expect(state.end() == ending)
        #expect(state.end() == .alreadyEnded)
    }

    @Test(arguments: [(0, false), (1, true), (2, false), (3, false), (4, false)])
    func `An invocation can be answered once, after it was delivered`(steps: Int, isFirst: Bool) {
        var state = self.state(steps)
        #expect(state.beginResponse() == isFirst)
    }
}
