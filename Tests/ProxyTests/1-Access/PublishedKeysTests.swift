import HTTPTypes
import Logging
import Testing
import Transport

@testable import Proxy

/// What an issuer answers, and when its keys are fetched.
@Suite struct PublishedKeysTests {
    private typealias Step = ScriptedTransport.Step

    private static let keys = Step(outcome: .answer(200, [:], #"{"keys":[]}"#), delay: 100)
    private static let down = Step(outcome: .error(.refused))

    /// The keys of an issuer, and the requests that it gets.
    private struct Issuer {
        let loop = ManualLoop()
        let transport: ScriptedTransport
        let keys: PublishedKeys
        let log = LogLines()

        init(_ steps: [Step], keysAt url: String? = "https://issuer.test/keys") {
            transport = ScriptedTransport(loop, steps)
            let (loop, log) = (loop, log)
            let fetcher = KeySetFetcher("https://issuer.test", keysAt: url, over: transport) { loop.now }
            keys = PublishedKeys(fetcher, loop, Logger(label: "test") { _ in log }) { loop.now }
        }

        func request(timeLeft: Int64? = nil) -> TimedRequest {
            TimedRequest(cancellation: Cancellation(), deadline: timeLeft.map { loop.now + $0 })
        }

        /// Why the keys can't be used; nil if they can.
        func failure(timeLeft: Int64? = nil) async -> IssuerFailure? {
            do throws(IssuerFailure) { _ = try await keys.current(for: request(timeLeft: timeLeft)) } catch {
                return error
            }
            return nil
        }

        /// What comes of asking for keys that aren't there.
        func newer() async -> String {
            do throws(IssuerFailure) {
                return try await keys.newer(for: request()) == nil ? "too early" : "fetched"
            } catch {
                return error.words
            }
        }

        func wait(seconds: Int) async { try? await loop.sleep(for: seconds * 1000, Cancellation()) }
    }

    @Test("Requests that come at the same time share one fetch")
    func fetchesOnce() throws {
        let issuer = Issuer([Self.keys])
        let failures = try issuer.loop.run {
            await withTaskGroup(of: IssuerFailure?.self) { group in
                for _ in 0..<20 { group.addTask { await issuer.failure() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(failures == Array(repeating: nil, count: 20))
        #expect(issuer.transport.calls.count == 1)
    }

    @Test("Keys are fetched again after an hour, and used for a day if that fails")
    func keeps() throws {
        let issuer = Issuer([Self.keys, Self.down, Self.down, Self.keys])
        try issuer.loop.run {
            func check(after seconds: Int, calls: Int, _ failure: IssuerFailure? = nil) async {
                await issuer.wait(seconds: seconds)
                let found = await issuer.failure()
                #expect((found == nil) == (failure == nil) && issuer.transport.calls.count == calls, "\(seconds)")
            }
            await check(after: 0, calls: 1)
            await check(after: 3590, calls: 1)
            await check(after: 20, calls: 2)
            // A failed fetch isn't repeated soon.
            await check(after: 299, calls: 2)
            await check(after: 86_400, calls: 3, .status(0))
            await check(after: 2, calls: 4)
        }
        #expect(issuer.log.lines.count == 2)
    }

    @Test("Without keys, a failed fetch is repeated after a second")
    func retries() throws {
        let issuer = Issuer([Self.down, Self.keys])
        try issuer.loop.run {
            #expect(await issuer.failure()?.words == "it refused the connection")
            #expect(await issuer.failure()?.words == "it refused the connection")
            #expect(issuer.transport.calls.count == 1)
            await issuer.wait(seconds: 1)
            #expect(await issuer.failure() == nil)
        }
    }

    @Test("An unknown key is looked for at most every ten seconds")
    func pauses() throws {
        let issuer = Issuer([Self.keys, Self.keys, Self.down, Self.keys])
        try issuer.loop.run {
            #expect(await issuer.failure() == nil)
            for _ in 0..<100 { #expect(await issuer.newer() == "too early") }
            await issuer.wait(seconds: 10)
            #expect(await issuer.newer() == "fetched")
            #expect(await issuer.newer() == "too early")
            await issuer.wait(seconds: 10)
            #expect(await issuer.newer() == "it refused the connection")
            // It isn't known whether the key exists, so the token can't be called wrong.
            #expect(await issuer.newer() == "it refused the connection")
            // The keys that are there serve other tokens.
            #expect(await issuer.failure() == nil)
            await issuer.wait(seconds: 10)
            #expect(await issuer.newer() == "fetched")
        }
        #expect(issuer.transport.calls.count == 4)
    }

    @Test("Whoever has more time goes on when the request that fetches has run out of it")
    func takesOver() throws {
        let issuer = Issuer([Step(outcome: .silence), Self.keys])
        try issuer.loop.run {
            async let short = issuer.failure(timeLeft: 1000)
            async let waiting = issuer.failure(timeLeft: 300)
            async let long = issuer.failure(timeLeft: 60_000)
            #expect(await short == .outOfTime)
            #expect(await waiting == .outOfTime)
            #expect(await long == nil)
        }
        #expect(issuer.transport.calls.map(\.limits.total) == [1000, 5000])
    }

    @Test("A connection that the issuer closes is tried once more")
    func repeats() throws {
        let closed = Step(outcome: .error(.reset))
        let issuer = Issuer([closed, Self.keys])
        #expect(try issuer.loop.run { await issuer.failure() } == nil)
        let other = Issuer([closed, closed, Self.keys])
        #expect(try other.loop.run { await other.failure()?.words } == "it closed the connection")
    }

    @Test(
        "A fetch that brings no keys is a failure that says why",
        arguments: [
            (Step(outcome: .answer(302, [.location: "https://other.test"])), "it answered 302"),
            (Step(outcome: .answer(500)), "it answered 500"), (Step(outcome: .answer(404)), "it answered 404"),
            (Step(outcome: .answer(200, [:], "<html>")), "it sent something that isn't a JSON Web Key Set"),
            (Step(outcome: .answer(200, [:], "{}")), "it sent something that isn't a JSON Web Key Set"),
            (
                Step(outcome: .answer(200, [:], #"{"keys":[],"":"\#(String(repeating: "x", count: 65_536))"}"#)),
                "it sent more than 65536 bytes"
            ),
            (
                Step(outcome: .answer(200, [.contentEncoding: "gzip"], #"{"keys":[]}"#)),
                "it sent an encoded document, although it was asked not to"
            ),
            (Step(outcome: .error(.unresolved)), "its host name doesn't resolve"),
            (Step(outcome: .error(.tls)), "the TLS handshake with it failed"),
            (Step(outcome: .error(.malformed)), "it sent something that isn't a valid response"),
            (Step(outcome: .silence), "it didn't answer in time"),
        ])
    private func fails(step: Step, words: String) throws {
        let issuer = Issuer([step])
        #expect(try issuer.loop.run { await issuer.failure()?.words } == words)
        #expect(issuer.log.lines.count == 1)
        #expect(issuer.transport.calls.map(\.url) == ["https://issuer.test/keys"])
    }

    @Test(
        "The discovery document must be the issuer's, and name a safe address",
        arguments: [
            (#"{"issuer":"https://issuer.test","jwks_uri":"https://keys.test/k"}"#, true),
            (#"{"issuer":"https://issuer.test/","jwks_uri":"https://keys.test/k"}"#, false),
            (#"{"issuer":"https://other.test","jwks_uri":"https://keys.test/k"}"#, false),
            (#"{"issuer":"https://issuer.test","jwks_uri":"http://keys.test/k"}"#, false),
            (#"{"issuer":"https://issuer.test","jwks_uri":"file:///etc/passwd"}"#, false),
            (#"{"issuer":"https://issuer.test","jwks_uri":1}"#, false), (#"{"issuer":"https://issuer.test"}"#, false),
            (#"{"jwks_uri":"https://keys.test/k"}"#, false), ("", false), ("[]", false),
        ])
    func discovers(document: String, isRight: Bool) throws {
        let issuer = Issuer([Step(outcome: .answer(200, [:], document)), Self.keys], keysAt: nil)
        #expect(try issuer.loop.run { await issuer.failure() == nil } == isRight)
        let urls = issuer.transport.calls.map(\.url)
        #expect(
            urls == ["https://issuer.test/.well-known/openid-configuration"] + (isRight ? ["https://keys.test/k"] : []))
    }
}
