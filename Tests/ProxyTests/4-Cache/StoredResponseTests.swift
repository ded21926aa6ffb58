import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// What is stored of a response that passes.
@Suite struct StoredResponseTests {
    @Test("What passes is recorded with its pieces, its times, its usage and its models")
    func records() throws {
        let leader = SharedLeader()
        leader.begin([
            .contentType: "text/event-stream", .known("x-kept"): "1", .retryAfter: "5",
            .known("x-ratelimit-remaining-requests"): "3", .known("anthropic-ratelimit-tokens-limit"): "4",
        ])
        leader.write(SharedLeader.events[0] + SharedLeader.events[1], after: 700)
        leader.write(SharedLeader.events[2] + SharedLeader.events[3], after: 30)
        #expect(leader.response.entry() == nil)
        leader.write(SharedLeader.usage + SharedLeader.done, after: 5)
        leader.source.finish(nil)
        leader.clock.advance(by: 1)
        let entry = try #require(leader.response.entry())
        #expect(String(decoding: entry.body, as: UTF8.self) == SharedLeader.whole)
        let lengths = [
            SharedLeader.events[0] + SharedLeader.events[1], SharedLeader.events[2] + SharedLeader.events[3],
            SharedLeader.usage + SharedLeader.done,
        ]
        #expect(entry.pieces.map(\.length) == lengths.map(\.utf8.count))
        #expect(entry.pieces.map(\.wait) == [700, 30, 5])
        #expect(entry.fields == [.contentType: "text/event-stream", .known("x-kept"): "1"])
        #expect(entry.usage == TokenUsage(input: 10, output: 4, cachedInput: 0, isEstimate: false))
        #expect(entry.model == "m" && entry.answeredModel == "m-2026")
        #expect(entry.created == leader.clock.now)
    }

    @Test("A stream without its end mark, one with an error, and half an object aren't stored")
    func storesWhole() {
        let parts: [(HTTPFields, String)] = [
            ([.contentType: "text/event-stream"], SharedLeader.events.joined()),
            ([.contentType: "text/event-stream"], "data: {\"error\":{\"message\":\"x\"}}\n\n" + SharedLeader.done),
            (
                [.contentType: "text/event-stream"],
                SharedLeader.events[0] + "data: {\"error\":{\"message\":\"x\"}}\n\n" + SharedLeader.done
            ),
            ([.contentType: "application/json"], "{\"id\":1"), ([.contentType: "application/json"], ""),
            ([.contentType: "application/json"], "{\"error\":{}}"),
        ]
        for (fields, text) in parts {
            let leader = SharedLeader()
            leader.begin(fields)
            leader.write(text)
            leader.source.finish(nil)
            #expect(leader.response.entry() == nil, "\(text)")
        }
        let leader = SharedLeader()
        leader.begin([.contentType: "application/json"])
        leader.write("{\"id\":1}")
        leader.source.finish(nil)
        #expect(leader.response.entry() != nil)
    }

    @Test("The pieces of a response count against its limit, so that tiny ones can't take much memory")
    func countsPieces() {
        let leader = SharedLeader(limit: 1000)
        leader.begin([.contentType: "text/plain"])
        for _ in 0..<100 { leader.write("x") }
        #expect(!leader.response.isWhole)
    }
}
