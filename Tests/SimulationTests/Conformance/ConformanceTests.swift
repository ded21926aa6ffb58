import CurlTransport
import ScriptedUpstream
import SimulatedWorld
import Testing
import Transport

/// The simulated transport must do what libcurl does: each script gives the same observation with both.
@Suite(.timeLimit(.minutes(1))) struct ConformanceTests {
    @Test("libcurl keeps each rule of the transport", arguments: Script.all)
    func withLibcurl(script: Script) async throws {
        let loop = try #require(CurlLoop())
        BackgroundThread.start { loop.run() }
        defer { loop.stop() }
        let client = ScriptedClient(script, loop, try LoopbackServer(script))
        await Task.detached(executorPreference: loop) { await client.run() }.value
        #expect(client.observation?.description == script.expected)
    }

    @Test("The simulated transport keeps each rule, whatever the order in which things happen", arguments: Script.all)
    func simulated(script: Script) {
        for seed in UInt64(1)...20 {
            let schedule = Schedule(Draw(seed: seed))
            let peer = ScriptedPeer(script)
            let loop = SimulatedLoop(schedule) { _ in script.address == .unresolved ? nil : peer }
            let client = ScriptedClient(script, loop, peer)
            loop.spawn { await client.run() }
            #expect(schedule.run(), "the script never ends")
            #expect(client.observation?.description == script.expected, "seed \(seed)")
        }
    }
}
