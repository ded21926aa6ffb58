import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct CacheUseTests {
    private static let server = Samples.server("a") { $0.prices.standard = Price(input: 0.5, output: 2) }

    private static func entry(_ usage: TokenUsage? = nil) -> CacheEntry {
        CacheEntry(
            created: 0, fields: [:], body: [], pieces: [], usage: usage, model: "m", answeredModel: "m-2026")
    }

    private static let usage = TokenUsage(input: 10, output: 4, cachedInput: 0, isEstimate: false)

    private func use(_ outcome: CacheUse.Outcome, of server: Server = server) -> CacheUse {
        let use = CacheUse(of: server)
        use.outcome = outcome
        return use
    }

    private func response() -> SharedResponse { SharedResponse(limit: 1000, now: { 0 }, HandClock()) }

    private func members(_ use: CacheUse?) throws -> [String: String] {
        let invocation = try #require(
            Invocation(fields: [.known("Lambda-Runtime-Aws-Request-Id"): "id-1"], payload: []))
        let record = RequestRecord(invocation, at: 0)
        record.cache = use
        let members = try jsonMembers(of: RecordLine(record, nil, function: "test", at: 0).bytes)
        return members.filter { $0.key.hasPrefix("cache") }
    }

    @Test(
        "Each outcome has its Cache-Status and its word, and only a hit has an age",
        arguments: [
            (.hit(entry(), .memory, age: 0, timeLeft: 60), "hit; ttl=60; detail=memory", "HIT", "0"),
            (.hit(entry(), .tmp, age: 59, timeLeft: 1), "hit; ttl=1; detail=tmp", "HIT", "59"),
            (.hit(entry(), .dynamoDB, age: 7, timeLeft: 0), "hit; ttl=0; detail=dynamodb", "HIT", "7"),
            (.miss(.unknown), "fwd=uri-miss", "MISS", nil), (.miss(.stale), "fwd=stale", "MISS", nil),
            (.miss(.request), "fwd=request", "MISS", nil), (.bypass, "fwd=bypass", "BYPASS", nil),
        ] as [(CacheUse.Outcome, String, String, String?)])
    private func writes(outcome: CacheUse.Outcome, status: String, word: String, age: String?) {
        var fields: HTTPFields = [.cacheStatus: "upstream; hit", .cacheWord: "theirs"]
        use(outcome).write(to: &fields)
        #expect(fields[.cacheStatus] == "lambda-openai-proxy; \(status)")
        #expect(fields[.cacheWord] == word)
        #expect(fields[.age] == age)
    }

    @Test("A follower is a miss that was collapsed")
    func writesFollower() {
        var fields = HTTPFields()
        use(.collapsed(response())).write(to: &fields)
        #expect(fields[.cacheStatus] == "lambda-openai-proxy; fwd=uri-miss; collapsed")
        #expect(fields[.cacheWord] == "MISS")
        #expect(fields[.age] == nil)
    }

    @Test("A hit's record has its layer, its age, and what it saved")
    func recordsHit() throws {
        let members = try members(use(.hit(Self.entry(Self.usage), .tmp, age: 7, timeLeft: 53)))
        #expect(
            members.filter { $0.key != "cache_saved_cost" } == [
                "cache": #""hit""#, "cache.layer": #""tmp""#, "cache.age": "7", "cache_lookups": "1",
                "cache_hits": "1", "cache_saved_tokens": "14",
            ])
        #expect(members["cache_saved_cost"].flatMap { Double($0) } == 13)
    }

    @Test("Without a price or a usage, a hit's record doesn't say what it saved")
    func recordsUnknown() throws {
        let free = Samples.server("a")
        let withoutPrice = try members(use(.hit(Self.entry(Self.usage), .memory, age: 0, timeLeft: 1), of: free))
        #expect(withoutPrice["cache_saved_tokens"] == "14" && withoutPrice["cache_saved_cost"] == nil)
        let withoutUsage = try members(use(.hit(Self.entry(), .memory, age: 0, timeLeft: 1)))
        #expect(withoutUsage["cache_saved_tokens"] == nil && withoutUsage["cache_saved_cost"] == nil)
        #expect(withoutUsage["cache_hits"] == "1")
    }

    @Test("A miss and a follower count as lookups, a bypass doesn't, and without a cache there is nothing")
    func recordsOthers() throws {
        #expect(try members(use(.miss(.stale))) == ["cache": #""miss""#, "cache_lookups": "1"])
        #expect(try members(use(.collapsed(response()))) == ["cache": #""collapsed""#, "cache_lookups": "1"])
        #expect(try members(use(.bypass)) == ["cache": #""bypass""#])
        #expect(try members(nil) == [:])
    }

    @Test("Only what isn't asked of a server is named after the cache")
    func namesSource() {
        let hit = use(.hit(Self.entry(), .memory, age: 0, timeLeft: 1))
        #expect(hit.servingServer?.name == "a" && hit.answeredModel == "m-2026")
        #expect(use(.collapsed(response())).servingServer?.name == "a")
        for outcome in [CacheUse.Outcome.miss(.unknown), .bypass] {
            #expect(use(outcome).servingServer == nil && use(outcome).answeredModel == nil)
            #expect(use(outcome).saved == nil)
        }
    }
}
