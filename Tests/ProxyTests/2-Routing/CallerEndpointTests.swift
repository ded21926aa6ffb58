import Testing

@testable import Proxy

@Suite struct CallerEndpointTests {
    private func me(
        _ key: String, _ method: String = "GET", _ store: (any LimitStore)? = nil, on loop: ManualLoop = .init()
    )
        throws -> Heard
    {
        try Heard.of(
            [Samples.server("a") { $0.model = "m" }, Samples.server("b")], [], method: method, path: "/v1/me", key: key,
            on: loop, store: store
        ) {
            $0.tokenIssuers = [
                SignedToken.tokenIssuer {
                    $0.permissions.allowedServers = ["a"]
                    $0.userLimits.quotaSet.quotas = [Quota(.cost, each: .month, 2_500_000_000)]
                    $0.userLimits.serverQuotaSets["a"] = QuotaSet()
                    $0.userLimits.serverQuotaSets["a"]?.parallel = 3
                    $0.limits.quotaSet.quotas = [Quota(.tokens, each: .day, 100)]
                }
            ]
        }
    }

    @Test("A user learns who it is, what it may use, and what is left, but not what others have used")
    func describesUser() throws {
        let loop = ManualLoop()
        let store = MemoryStore { loop.now }
        let user = try #require(
            me(SignedToken.text(), "GET", store, on: loop).body.split(separator: "\"user\":\"").last)
        let id = user.prefix { $0 != "\"" }
        store.add(Usage(tokens: 30, cost: 500_000_000), to: Counter("user/backend/\(id)", .month, start: 0))
        let heard = try me(SignedToken.text(), "GET", store, on: loop)
        #expect(
            heard.body
                == """
                {"object":"caller","type":"user","issuer":"backend","user":"\(id)","expires_at":"1970-01-01T01:23:20.000Z",\
                "servers":["a"],"models":["a/m"],"limits":[\
                {"scope":"user","limit":"max_budget","amount":2.5,"used":0.5,"remaining":2.0,\
                "resets_at":"1970-02-01T00:00:00.000Z"},\
                {"scope":"user","server":"a","limit":"max_parallel_requests","amount":3,"used":0,"remaining":3}]}
                """)
        #expect(heard.fields["cache-control"] == "no-store" && heard.calls.isEmpty)
    }

    @Test("Others are described, too, and nobody without a key")
    func describesOthers() throws {
        #expect(try me("key-web").body.contains(#""type":"key","key":"web","servers":["a","b"]"#))
        #expect(try me("sk-b").body.contains(#""type":"owner","servers":["b"]"#))
        #expect(try me("").status == "401")
        #expect(try me("key-web", "POST").status == "405")
    }

    @Test("If the store fails, what is left isn't known")
    func knowsNothing() throws {
        let loop = ManualLoop()
        let store = FlakyStore(loop)
        store.fails = { _ in true }
        let heard = try me(SignedToken.text(), "GET", store, on: loop)
        #expect(heard.status == "200" && heard.body.contains(#""amount":2.5,"used":null,"remaining":null"#))
    }
}
