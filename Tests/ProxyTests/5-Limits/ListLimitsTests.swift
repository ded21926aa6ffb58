import Testing

@testable import Proxy

/// Lists of models count only against requests per minute and open requests.
@Suite struct ListLimitsTests {
    private static let day = Quota(.requests, each: .day, 1)
    private static let usedUp = [
        [day], [Quota(.requests, each: .month, 1)], [Quota(.tokens, each: .minute, 100)],
        [Quota(.tokens, each: .day, 100)], [Quota(.tokens, each: .month, 100)], [Quota(.cost, each: .day, 1)],
        [Quota(.cost, each: .month, 1)],
        // Several quotas in one counter.
        [Quota(.requests, each: .minute, 9), Quota(.tokens, each: .minute, 100)],
        [Quota(.requests, each: .day, 9), Quota(.tokens, each: .day, 100), Quota(.cost, each: .day, 1)],
    ]

    @Test("Models can be listed when the quota is used up, and listing doesn't use it", arguments: usedUp)
    func listsBeyond(quotas: [Quota]) throws {
        let caller = LimitedKey(quotas)
        for path in ["/a/v1/models", "/a/v1/models/m"] { #expect(try caller.listed(path).status == "200") }
        for period in [Period.day, .month] { #expect(try caller.counted(period) == 0) }
        #expect(try caller.ask(LimitedKey.ok).status == "200")
        for _ in 0..<2 {
            #expect(try caller.ask().status == "429")
            #expect(try caller.listed().status == "200")
        }
    }

    @Test("Lists count as requests per minute, and as open requests")
    func listsWithin() throws {
        let caller = LimitedKey([Quota(.requests, each: .minute, 2), Quota(.tokens, each: .minute, 100), Self.day])
        let first = try caller.listed()
        #expect(first.fields["x-ratelimit-remaining-requests"] == "1")
        #expect(first.fields["x-ratelimit-limit-tokens"] == nil)
        _ = try caller.ask(LimitedKey.ok)
        let refused = try caller.listed()
        #expect(refused.status == "429" && refused.body.contains("2 requests a minute") && refused.calls.isEmpty)
        let open = LimitedKey([], parallel: 1)
        let lease = Lease("key/web", id: "another", quota: 1, expires: open.loop.now / 1000 + 10)
        let isTaken = try open.loop.run { [store = open.store] in try await store.enter(lease) }
        #expect(isTaken)
        #expect(try open.listed().body.contains("1 request open at once"))
    }

    @Test("Lists also pass when a server's own quota is used up")
    func listsAtServer() throws {
        let server = Samples.server("a") { $0.quotaSet.quotas = [Self.day] }
        let caller = LimitedKey([], [server])
        _ = try caller.ask(LimitedKey.ok)
        #expect(try caller.ask().body.contains("the server 'a'"))
        #expect(try caller.listed().status == "200")
    }

    @Test("A failed store doesn't stop lists for which nothing is counted", arguments: [true, false])
    func listsWithoutStore(isByMinute: Bool) throws {
        let caller = LimitedKey([Self.day] + (isByMinute ? [Quota(.requests, each: .minute, 9)] : []), deny: true)
        caller.store.fails = { _ in true }
        #expect(try caller.ask().status == "503")
        #expect(try caller.listed().status == (isByMinute ? "503" : "200"))
    }
}
