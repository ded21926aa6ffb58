import HTTPTypes

@testable import Proxy

/// One key with limits, one clock and one store, for several requests.
final class LimitedKey {
    static let json: HTTPFields = [.contentType: "application/json"]
    private static let usage = #"{"choices":[],"usage":{"prompt_tokens":60,"completion_tokens":40}}"#
    static let ok = ScriptedTransport.Step(outcome: .answer(200, json, usage))
    private static let list = ScriptedTransport.Step(outcome: .answer(200, json, #"{"data":[]}"#))

    let loop = ManualLoop(now: 1_795_287_942_000)
    let store: FlakyStore
    let servers: [Server]
    let settings: (inout Settings) -> Void

    init(_ quotas: [Quota], parallel: Int? = nil, _ servers: [Server]? = nil, deny: Bool = false) {
        self.servers =
            servers ?? [
                Samples.server("a") { ($0.retries, $0.prices.standard) = (0, Price(input: 0.001, output: 0.001)) }
            ]
        settings = {
            $0.virtualKeys[0].limits.quotaSet.quotas = quotas
            $0.virtualKeys[0].limits.quotaSet.parallel = parallel
            $0.allowsWithoutStore = !deny
        }
        store = FlakyStore(loop)
    }

    func ask(
        _ steps: ScriptedTransport.Step..., method: String = "POST", path: String = "/a/v1/chat/completions",
        body: String = #"{"model":"m"}"#
    ) throws -> Heard {
        try Heard.of(
            servers, steps, method: method, path: path, body: body, on: loop, store: store, settings: settings)
    }

    func listed(_ path: String = "/a/v1/models") throws -> Heard {
        try ask(Self.list, method: "GET", path: path, body: "")
    }

    /// How many requests are counted for the key in a period.
    func counted(_ period: Period) throws -> Int {
        let counter = Counter("key/web", period, start: period.start(at: loop.now / 1000))
        let result = try loop.run { [store] in
            try await store.take(PermitRequest(counter, requests: 1, quotas: Usage()))
        }
        guard case .refused(let used) = result else { throw ManualLoop.Stuck() }
        return used.requests
    }
}
