import HTTPTypes
import LambdaRuntime
import Logging
import Testing
import Transport

@testable import Proxy

/// Requests of several callers that share a cache.
@Suite struct SharedCallersTests {
    @Test("Who may not use a fallback doesn't get its response by way of another caller's request")
    func sharesNoFallback() throws {
        let loop = ManualLoop()
        let ok = #"{"choices":[]}"#
        let transport = ScriptedTransport(
            loop,
            [
                .init(outcome: .answer(500), delay: 100), .init(outcome: .answer(200, [:], ok), delay: 100),
                .init(outcome: .answer(200, [:], ok)),
            ])
        let server = Samples.server("a") { server in
            (server.fallbacks, server.retries) = (["b"], 0)
            var policy = CachePolicy()
            policy.isShared = true
            server.cache = policy
        }
        var table = Samples.table([server, Samples.server("b")])
        var narrow = VirtualKey(name: "narrow", digest: KeyDigest(of: Secret("key-narrow")))
        narrow.permissions.allowedServers = ["a"]
        table.settings.virtualKeys.append(narrow)
        let proxy = Proxy(
            table, over: transport, timers: loop, store: MemoryStore { loop.now }, logger: Logger(label: "test"),
            recorder: Recorder(function: "test", level: .critical) { _ in }, now: { loop.now }, random: { 0.5 })
        let client = RuntimeClient(address: ScriptedTransport.runtimeAPI, over: transport, now: { loop.now })
        let invocations = try ["key-web", "key-narrow"].map { key in
            try #require(
                Heard.event("POST", "/a/v1/chat/completions", "", #"{"model":"gpt"}"#, key, "", deadline: nil))
        }
        let deliveries = try loop.run {
            async let first = proxy.handle(invocations[0], ResponseWriter(invocations[0], client))
            async let second = proxy.handle(invocations[1], ResponseWriter(invocations[1], client))
            return await [first, second]
        }
        #expect(deliveries == [.accepted, .accepted])
        #expect(
            transport.calls.map(\.url) == ["a", "b", "a"].map { "https://\($0).example/v1/chat/completions" })
    }
}
