import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct SharedResponseTests {
    private let loop = ManualLoop()

    /// A response with its leader's pipe and meter.
    private struct Parts: @unchecked Sendable {
        let response: SharedResponse
        let body = BodyPipe()
        let meter = Samples.meter()

        init(_ loop: ManualLoop, limit: Int = 1 << 20) {
            response = SharedResponse(limit: limit, now: { loop.now }, loop)
        }

        /// The upstream's head has arrived.
        func begin(_ streamEnd: StreamEnd = .done) {
            let prelude = Prelude(.ok, fields: [.contentType: "text/event-stream"])
            body.attach(EventStreamFilter(for: Samples.route(streamEnd: streamEnd), meter: meter))
            response.record(prelude, body, meter, model: "gpt")
        }

        func follow(upTo limit: Int? = nil, _ cancellation: Cancellation = Cancellation())
            -> SharedResponse.Follower
        {
            response.follow(upTo: limit, cancellation) { _, _ in nil }
        }

        func write(_ text: String) { body.write(Array(text.utf8)) }
    }

    private static let chunk = #"data: {"id":"1","choices":[{"delta":{"content":"a"}}]}"# + "\n\n"
    private static let created = #"data: {"type":"response.created"}"# + "\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let failed =
        #"data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error"}}}"# + "\n\n"

    @Test("Nobody follows a response whose reader has gone, since nothing more will come")
    func endsWithItsReader() {
        let parts = Parts(loop)
        parts.begin()
        parts.write(Self.chunk)
        #expect(parts.response.mayBeFollowed)
        parts.body.cancel()
        #expect(!parts.response.mayBeFollowed)
    }

    @Test("Nobody joins a response that has reported an error")
    func refusesFollowers() {
        let parts = Parts(loop)
        parts.begin(.response)
        parts.write(Self.created)
        #expect(parts.response.mayBeFollowed)
        parts.write(Self.failed)
        parts.body.finish(nil)
        guard case .complete = parts.response.end else {
            Issue.record("the stream has no end of its own")
            return
        }
        #expect(!parts.response.mayBeFollowed && parts.response.entry() == nil)
    }

    @Test("If its reader goes before the answer has begun, the upstream may go on for those who wait")
    func goesOnForThoseWhoWait() throws {
        let parts = Parts(loop)
        parts.begin()
        let follower = parts.follow()
        parts.write(": comment\n\n")
        parts.body.cancel()
        #expect(!parts.body.isFull && !parts.body.isCanceled)
        parts.write(Self.chunk + Self.done)
        parts.body.finish(nil)
        let body = try loop.run {
            guard case .answer = await parts.response.beginning(for: follower) else { return "" }
            return String(decoding: try await follower.body.collect(upTo: 1 << 20), as: UTF8.self)
        }
        #expect(body.hasSuffix(Self.chunk + Self.done))
    }

    @Test("A follower whose time is up gets no answer, even if one begins at the same moment")
    func stopsOnce() throws {
        let parts = Parts(loop)
        parts.begin()
        let cancellation = Cancellation()
        let follower = parts.follow(cancellation)
        cancellation.cancel("the process ends")
        parts.write(Self.chunk)
        let beginning = try loop.run { await parts.response.beginning(for: follower) }
        #expect(beginning == nil)
    }

    @Test("A follower that gets nothing leaves nothing behind: no hook, no timer, no memory", arguments: [true, false])
    func leaves(isLate: Bool) throws {
        let cancellation = Cancellation()
        weak var left: SharedResponse.Follower?
        do {
            let parts = Parts(loop)
            if isLate { parts.response.fail() }
            let follower = parts.follow(upTo: 900_000, cancellation)
            if !isLate { parts.response.fail() }
            guard case .nothing = try loop.run({ await parts.response.beginning(for: follower) }) else {
                Issue.record("there is something")
                return
            }
            #expect(cancellation.end == nil && !parts.response.outlivesReader)
            left = follower
        }
        #expect(left == nil)
        #expect(loop.now == 1_000_000)
    }

    @Test("A leader that only waits for followers learns when the last has left")
    func tellsThatNobodyFollows() {
        let parts = Parts(loop)
        let cancellations = [Cancellation(), Cancellation()]
        for cancellation in cancellations { _ = parts.follow(cancellation) }
        var count = 0
        parts.response.onUnfollowed = { count += 1 }
        cancellations[0].cancel("gone")
        #expect(count == 0)
        cancellations[1].cancel("gone")
        #expect(count == 1)
    }

    @Test("A stored body takes no more memory than it has bytes")
    func storesNoSpareRoom() throws {
        let parts = Parts(loop)
        parts.begin()
        for _ in 0..<2000 { parts.write(Self.chunk) }
        parts.write(Self.done)
        parts.body.finish(nil)
        let entry = try #require(parts.response.entry())
        #expect(entry.body.count == 2000 * Self.chunk.utf8.count + Self.done.utf8.count)
        #expect(entry.body.capacity < entry.body.count + 4096)
        #expect(entry.pieces.capacity < entry.pieces.count + 512)
    }

    @Test("A follower reads a long response to its end, although only what it lacks is kept")
    func followsLong() throws {
        let parts = Parts(loop, limit: 100_000)
        parts.begin()
        let follower = parts.follow()
        let (chunk, count) = (Self.chunk, 5000)
        let length = try loop.run {
            var length = 0
            for _ in 0..<count {
                parts.write(chunk)
                _ = parts.body.readAll()
                length += follower.body.readAll().count
            }
            parts.body.finish(nil)
            return length + (try await follower.body.collect(upTo: 1 << 20)).count
        }
        #expect(length >= count * chunk.utf8.count && !parts.response.isWhole)
    }
}
