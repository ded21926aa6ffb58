import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct FollowersTests {
    private static let events = (0..<4).map {
        "data: {\"model\":\"m-2026\",\"choices\":[{\"delta\":{\"content\":\"\($0)\"}}]}\n\n"
    }
    private static let usage =
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":4}}\n\n"
    private static let done = "data: [DONE]\n\n"
    private static let whole = events.joined() + usage + done

    /// A response on its way, with its leader.
    private struct Leader {
        let clock = HandClock()
        let source = BodyPipe()
        let meter = Samples.meter()
        let response: SharedResponse

        init(limit: Int = 10_000) {
            response = SharedResponse(limit: limit, now: { [clock] in clock.now }, clock)
        }

        /// The head of the response has arrived.
        func begin(_ fields: HTTPFields = [.contentType: "text/event-stream"]) {
            if MediaType(fields[.contentType]).isEventStream {
                source.attach(EventStreamFilter(for: Samples.route(), meter: meter, hidesUsage: false))
            } else {
                source.attach(Plain(meter: meter))
            }
            response.record(Prelude(.ok, fields: fields), source, meter, model: "m")
        }

        func write(_ text: String, after wait: Int64 = 0) {
            clock.advance(by: wait)
            source.write(Array(text.utf8))
            clock.advance()
        }

        func follow(upTo limit: Int? = nil, _ cancellation: Cancellation = Cancellation()) -> SharedResponse.Follower {
            response.follow(upTo: limit, cancellation) { error, _ in
                StreamFailure(.upstreamFailed(server: "a", error))
            }
        }

        /// All that has come for a follower, which reads as fast as it can.
        func text(_ follower: SharedResponse.Follower) -> String {
            var bytes: [UInt8] = []
            while follower.body.count > 0 {
                bytes += follower.body.readAll()
                clock.advance()
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    private struct Plain: BodyFilter {
        let meter: Meter

        mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
            if !bytes.isEmpty { meter.noteOutput() }
            output += bytes
            return nil
        }

        mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
            error.map { .failed($0) } ?? .complete
        }

        mutating func fillSilence(into output: inout [UInt8]) {}
    }

    private func name(_ beginning: SharedResponse.Beginning?) -> String {
        switch beginning {
        case .entry: "entry"
        case .answer: "answer"
        case .nothing: "nothing"
        case nil: "nil"
        }
    }

    private func name(_ end: BodyPipe.End?) -> String {
        switch end {
        case .complete: "complete"
        case .partial(let type, _, _): "partial \(type)"
        case .failed(let error): "failed \(error.kind)"
        case nil: "nil"
        }
    }

    @Test("What passes is recorded with its pieces, its times, its usage and its models")
    func records() throws {
        let leader = Leader()
        leader.begin([
            .contentType: "text/event-stream", .known("x-kept"): "1", .retryAfter: "5",
            .known("x-ratelimit-remaining-requests"): "3", .known("anthropic-ratelimit-tokens-limit"): "4",
        ])
        leader.write(Self.events[0] + Self.events[1], after: 700)
        leader.write(Self.events[2] + Self.events[3], after: 30)
        #expect(leader.response.entry() == nil)
        leader.write(Self.usage + Self.done, after: 5)
        leader.source.finish(nil)
        leader.clock.advance(by: 1)
        let entry = try #require(leader.response.entry())
        #expect(String(decoding: entry.body, as: UTF8.self) == Self.whole)
        let lengths = [Self.events[0] + Self.events[1], Self.events[2] + Self.events[3], Self.usage + Self.done]
        #expect(entry.pieces.map(\.length) == lengths.map(\.utf8.count))
        #expect(entry.pieces.map(\.wait) == [700, 30, 5])
        #expect(entry.fields == [.contentType: "text/event-stream", .known("x-kept"): "1"])
        #expect(entry.usage == TokenUsage(input: 10, output: 4, cachedInput: 0, isEstimate: false))
        #expect(entry.model == "m" && entry.answeredModel == "m-2026")
        #expect(entry.created == leader.clock.now)
    }

    @Test("Followers get all from the first byte, whenever they come", arguments: 0...5)
    func shares(first: Int) {
        let leader = Leader()
        var followers: [SharedResponse.Follower] = []
        for (index, part) in (Self.events + [Self.usage + Self.done]).enumerated() {
            if index >= first { followers.append(leader.follow()) }
            if index == 0 { leader.begin() }
            leader.write(part, after: 10)
        }
        followers.append(leader.follow())
        leader.source.finish(nil)
        for follower in followers {
            #expect(leader.text(follower) == Self.whole)
            #expect(name(follower.body.end) == "complete")
        }
        #expect(!leader.response.outlivesReader && leader.clock.pending == 0)
    }

    @Test("What has arrived reaches a follower before the end")
    func isLive() {
        let leader = Leader()
        leader.begin()
        let follower = leader.follow()
        #expect(name(leader.response.beginning) == "nil" && follower.body.count == 0)
        for part in Self.events {
            leader.write(part)
            #expect(leader.text(follower) == part)
            #expect(follower.body.end == nil)
        }
        #expect(name(leader.response.beginning) == "answer")
    }

    @Test("A follower that reads slowly holds up nobody, and gets everything")
    func isSlow() throws {
        let leader = Leader(limit: 1_000_000)
        leader.begin([.contentType: "text/plain"])
        let (slow, fast) = (leader.follow(), leader.follow())
        var text = ""
        for number in 0..<20 {
            let part = String(repeating: "\(number % 10)", count: 20_000)
            text += part
            leader.write(part)
            #expect(leader.text(fast) == part)
            #expect(slow.body.count <= 2 * BodyPipe.defaultHighMark)
            _ = leader.source.readAll()
            #expect(!leader.source.isFull)
        }
        leader.source.finish(nil)
        #expect(name(fast.body.end) == "complete")
        #expect(slow.body.end == nil && leader.response.outlivesReader)
        #expect(leader.text(slow) == text)
        #expect(name(slow.body.end) == "complete")
        #expect(!leader.response.outlivesReader)
    }

    @Test("A follower that goes changes nothing for the others")
    func followerGoes() {
        let leader = Leader()
        let (gone, follower) = (leader.follow(), leader.follow(upTo: 60_000))
        leader.begin()
        leader.write(Self.events[0])
        gone.body.cancel()
        #expect(leader.response.outlivesReader)
        leader.write(Self.whole.replacing(Self.events[0], with: ""))
        leader.source.finish(nil)
        #expect(leader.text(follower) == Self.whole)
        #expect(leader.response.entry() != nil)
        #expect(leader.clock.pending == 0)
    }

    @Test("Without followers, a leader that goes ends the response")
    func leaderGoesAlone() {
        let leader = Leader()
        var canceled = 0
        leader.source.onCancel = { canceled += 1 }
        leader.begin()
        leader.write(Self.events[0])
        leader.follow().body.cancel()
        leader.source.cancel()
        #expect(leader.source.isCanceled && canceled == 1)
        #expect(leader.response.entry() == nil)
    }

    @Test("A leader that goes leaves the response to its followers")
    func leaderGoes() {
        let leader = Leader()
        leader.begin()
        let follower = leader.follow()
        leader.write(Self.events[0])
        leader.source.cancel()
        #expect(leader.source.isAbandoned && !leader.source.isCanceled)
        leader.write(Self.whole.replacing(Self.events[0], with: ""))
        leader.source.finish(nil)
        #expect(leader.text(follower) == Self.whole)
        #expect(name(follower.body.end) == "complete")
    }

    @Test("A leader that has gone waits until the end, or until nobody follows", arguments: [false, true])
    func waits(isLeft: Bool) throws {
        let loop = ManualLoop()
        let ended: (canceled: Bool, time: Int64) = try loop.run {
            let (source, meter) = (BodyPipe(), Samples.meter())
            let response = SharedResponse(limit: 1000, now: { loop.now }, loop)
            source.attach(Plain(meter: meter))
            response.record(Prelude(.ok), source, meter, model: nil)
            let follower = response.follow(upTo: nil, Cancellation()) { _, _ in nil }
            source.cancel()
            let started = loop.now
            _ = loop.schedule(after: 500) { if isLeft { follower.body.cancel() } else { source.finish(nil) } }
            await response.ended()
            return (source.isCanceled, loop.now - started)
        }
        #expect(ended == (isLeft, 500))
    }

    @Test("A follower waits for the first part of the answer, and is told that there is none")
    func awaits() throws {
        for (outcome, expected) in [("answer", "answer"), ("end", "nothing"), ("fail", "nothing"), ("entry", "entry")] {
            let loop = ManualLoop()
            let told: (SharedResponse.Beginning?, Int64) = try loop.run {
                let (source, meter) = (BodyPipe(), Samples.meter())
                let response = SharedResponse(limit: 1000, now: { loop.now }, loop)
                let follower = response.follow(upTo: 60_000, Cancellation()) { _, _ in nil }
                let started = loop.now
                _ = loop.schedule(after: 300) {
                    switch outcome {
                    case "fail": return response.fail()
                    case "entry":
                        let entry = CacheEntry(
                            created: 0, fields: [:], body: [], pieces: [], usage: nil, model: nil, answeredModel: nil)
                        return response.resolve(entry, .tmp)
                    default: break
                    }
                    source.attach(Plain(meter: meter))
                    response.record(Prelude(.ok), source, meter, model: nil)
                    if outcome == "answer" { source.write(Array("x".utf8)) } else { source.finish(nil) }
                }
                return (await response.beginning(for: follower), loop.now - started)
            }
            #expect(name(told.0) == expected)
            #expect(told.1 == 300)
        }
    }

    @Test("A follower whose time is up, or whose request is canceled, waits no longer", arguments: [false, true])
    func stopsWaiting(isCanceled: Bool) throws {
        let loop = ManualLoop()
        let told: (SharedResponse.Beginning?, Int64, Bool) = try loop.run {
            let response = SharedResponse(limit: 1000, now: { loop.now }, loop)
            let cancellation = Cancellation()
            let follower = response.follow(upTo: isCanceled ? nil : 200, cancellation) { _, _ in nil }
            let started = loop.now
            if isCanceled { _ = loop.schedule(after: 200) { cancellation.cancel("the process ends") } }
            let beginning = await response.beginning(for: follower)
            return (beginning, loop.now - started, response.outlivesReader)
        }
        #expect(name(told.0) == "nil")
        #expect(told.1 == 200 && !told.2)
    }

    @Test("A response that ends before anything is said is followed by nobody")
    func saysNothing() {
        let leader = Leader()
        let follower = leader.follow()
        leader.begin()
        leader.source.finish(TransportError(.reset, "10.1.2.3"))
        #expect(name(leader.response.beginning) == "nothing")
        #expect(follower.body.count == 0)
        #expect(!leader.response.outlivesReader && !leader.response.mayBeFollowed)
        #expect(leader.response.entry() == nil)
    }

    @Test("A failure in the middle reaches followers as it reaches the leader, and isn't stored")
    func fails() {
        let leader = Leader()
        leader.begin()
        let follower = leader.follow()
        leader.write(Self.events[0])
        leader.source.finish(TransportError(.reset, "10.1.2.3"))
        let text = leader.text(follower)
        #expect(text == String(decoding: leader.source.readAll(), as: UTF8.self))
        #expect(EventReader(Array(text.utf8)).errors.count == 1)
        #expect(name(follower.body.end) == name(leader.source.end) && name(follower.body.end).hasPrefix("partial"))
        #expect(!leader.response.mayBeFollowed && leader.response.entry() == nil)
    }

    @Test("A stream without its end mark, one with an error, and half an object aren't stored")
    func storesWhole() {
        let parts: [(HTTPFields, String)] = [
            ([.contentType: "text/event-stream"], Self.events.joined()),
            ([.contentType: "text/event-stream"], "data: {\"error\":{\"message\":\"x\"}}\n\n" + Self.done),
            (
                [.contentType: "text/event-stream"],
                Self.events[0] + "data: {\"error\":{\"message\":\"x\"}}\n\n" + Self.done
            ),
            ([.contentType: "application/json"], "{\"id\":1"), ([.contentType: "application/json"], ""),
            ([.contentType: "application/json"], "{\"error\":{}}"),
        ]
        for (fields, text) in parts {
            let leader = Leader()
            leader.begin(fields)
            leader.write(text)
            leader.source.finish(nil)
            #expect(leader.response.entry() == nil, "\(text)")
        }
        let leader = Leader()
        leader.begin([.contentType: "application/json"])
        leader.write("{\"id\":1}")
        leader.source.finish(nil)
        #expect(leader.response.entry() != nil)
    }

    @Test("A reader that is far behind, but goes on reading, is waited for")
    func waits() {
        let leader = Leader(limit: 50_000)
        leader.begin([.contentType: "text/plain"])
        let (follower, slow) = (leader.follow(), leader.follow())
        let text = String(repeating: "a", count: 200_000)
        leader.write(text)
        _ = leader.source.readAll()
        while leader.text(follower) != "" {}
        #expect(leader.source.isFull)
        var read = ""
        while read.utf8.count < text.utf8.count {
            read += String(decoding: slow.body.readAll(), as: UTF8.self)
            leader.clock.advance(by: Int64(SharedResponse.longestStall))
            #expect(slow.body.end == nil)
        }
        #expect(read == text && slow.body.end == nil && !leader.source.isFull)
        leader.source.finish(nil)
        #expect(name(slow.body.end) == "complete")
    }

    @Test("A reader that takes little at a time is waited for, too")
    func waitsForLittle() {
        let leader = Leader(limit: 1000)
        leader.begin([.contentType: "text/plain"])
        let slow = leader.follow()
        leader.write(String(repeating: "a", count: 200_000))
        _ = leader.source.readAll()
        for _ in 0..<10 {
            var piece = [UInt8](repeating: 0, count: 512)
            guard case .bytes(512) = piece.withUnsafeMutableBytes({ slow.body.read(into: $0) }) else {
                Issue.record("nothing was read")
                return
            }
            leader.clock.advance(by: Int64(SharedResponse.longestStall))
            #expect(slow.body.end == nil)
        }
        leader.clock.advance(by: Int64(SharedResponse.longestStall))
        #expect(name(slow.body.end) == "failed reset")
    }

    @Test("A response that is too long isn't stored, but those who follow already get all of it")
    func isTooLong() {
        let leader = Leader(limit: 50_000)
        leader.begin([.contentType: "text/plain"])
        let (follower, slow) = (leader.follow(), leader.follow())
        var text = ""
        for number in 0..<10 {
            let part = String(repeating: "\(number)", count: 20_000)
            text += part
            leader.write(part)
            _ = leader.source.readAll()
            #expect(leader.response.mayBeFollowed == (number < 2))
            #expect(leader.text(follower) == part)
        }
        // The writer waits for a reader that is far behind, but not if that one has stopped.
        #expect(leader.source.isFull && slow.body.end == nil)
        leader.clock.advance(by: Int64(SharedResponse.longestStall))
        #expect(name(slow.body.end) == "failed reset" && !leader.source.isFull)
        leader.source.finish(nil)
        #expect(name(follower.body.end) == "complete")
        #expect(leader.response.entry() == nil)
    }

    @Test("The pieces of a response count against its limit, so that tiny ones can't take much memory")
    func countsPieces() {
        let leader = Leader(limit: 1000)
        leader.begin([.contentType: "text/plain"])
        for _ in 0..<100 { leader.write("x") }
        #expect(!leader.response.isWhole)
    }

    @Test("A follower whose time is up gets the error, or is cut off, and the others go on", arguments: [false, true])
    func timesOut(saysError: Bool) {
        let leader = Leader()
        leader.begin()
        let other = leader.follow()
        let follower = leader.response.follow(upTo: 1000, Cancellation()) { error, _ in
            saysError ? StreamFailure(.upstreamFailed(server: "a", error)) : nil
        }
        leader.write(Self.events[0], after: 999)
        #expect(follower.body.end == nil)
        leader.write(Self.events[1], after: 1)
        let text = leader.text(follower)
        #expect(text.hasPrefix(Self.events[0]) && !text.contains(Self.events[1]))
        #expect(EventReader(Array(text.utf8)).errors.count == (saysError ? 1 : 0))
        #expect(name(follower.body.end).hasPrefix(saysError ? "partial" : "failed deadline"))
        #expect(leader.text(other) == Self.events[0] + Self.events[1])
        #expect(leader.response.outlivesReader && leader.clock.pending == 0)
    }

    @Test("A follower whose request is canceled is told so, and the others go on")
    func isCanceled() {
        let leader = Leader()
        leader.begin()
        let cancellation = Cancellation()
        let (follower, other) = (leader.follow(upTo: 60_000, cancellation), leader.follow())
        leader.write(Self.events[0])
        cancellation.cancel("the process ends")
        #expect(leader.text(follower).hasPrefix(Self.events[0]))
        #expect(name(follower.body.end).hasPrefix("partial"))
        #expect(leader.clock.pending == 0)
        leader.write(Self.events[1])
        #expect(leader.text(other) == Self.events[0] + Self.events[1])
    }

    @Test(
        "A follower whose time is up inside an event gets the rest of it before the error",
        arguments: [-20_000, -2, -1, 0, 1, 2, 20_000], [1000, 200_000])
    func finishesEvents(distance: Int, limit: Int) {
        let leader = Leader(limit: limit)
        leader.begin()
        let follower = leader.follow(upTo: 1000)
        // Its pipe is full at so many bytes before the end of the second event.
        let (start, end) = ("data: {\"choices\":[{\"delta\":{\"content\":\"", "\"}}]}\n\n")
        let rest = BodyPipe.defaultHighMark + distance - (Self.events[0] + start + end).utf8.count
        let all = Self.events[0] + start + String(repeating: "x", count: rest) + end + Self.events[1] + Self.events[2]
        leader.write(all)
        leader.clock.advance(by: 1000)
        let got = EventReader(Array(leader.text(follower).utf8))
        let sent = EventReader(Array(all.utf8)).events
        #expect(got.errors.count == 1 && got.events.count > 2)
        #expect(got.events.dropLast() == sent.prefix(got.events.count - 1))
        #expect(name(follower.body.end).hasPrefix("partial"))
    }
}
