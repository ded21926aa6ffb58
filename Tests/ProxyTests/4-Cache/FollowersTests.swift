import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// Requests that share another one's response.
@Suite struct FollowersTests {
    @Test("Followers get all from the first byte, whenever they come", arguments: 0...5)
    func shares(first: Int) {
        let leader = SharedLeader()
        var followers: [SharedResponse.Follower] = []
        for (index, part) in (SharedLeader.events + [SharedLeader.usage + SharedLeader.done]).enumerated() {
            if index >= first { followers.append(leader.follow()) }
            if index == 0 { leader.begin() }
            leader.write(part, after: 10)
        }
        followers.append(leader.follow())
        leader.source.finish(nil)
        for follower in followers {
            #expect(leader.text(follower) == SharedLeader.whole)
            #expect(follower.body.end.name == "complete")
        }
        #expect(!leader.response.outlivesReader && leader.clock.pending == 0)
    }

    @Test("What has arrived reaches a follower before the end")
    func isLive() {
        let leader = SharedLeader()
        leader.begin()
        let follower = leader.follow()
        #expect(leader.response.beginning.name == "nil" && follower.body.count == 0)
        for part in SharedLeader.events {
            leader.write(part)
            #expect(leader.text(follower) == part)
            #expect(follower.body.end == nil)
        }
        #expect(leader.response.beginning.name == "answer")
    }

    @Test("A follower that reads slowly holds up nobody, and gets everything")
    func isSlow() throws {
        let leader = SharedLeader(limit: 1_000_000)
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
        #expect(fast.body.end.name == "complete")
        #expect(slow.body.end == nil && leader.response.outlivesReader)
        #expect(leader.text(slow) == text)
        #expect(slow.body.end.name == "complete")
        #expect(!leader.response.outlivesReader)
    }

    @Test("A follower that goes changes nothing for the others")
    func followerGoes() {
        let leader = SharedLeader()
        let (gone, follower) = (leader.follow(), leader.follow(upTo: 60_000))
        leader.begin()
        leader.write(SharedLeader.events[0])
        gone.body.cancel()
        #expect(leader.response.outlivesReader)
        leader.write(SharedLeader.whole.replacing(SharedLeader.events[0], with: ""))
        leader.source.finish(nil)
        #expect(leader.text(follower) == SharedLeader.whole)
        #expect(leader.response.entry() != nil)
        #expect(leader.clock.pending == 0)
    }

    @Test("Without followers, a leader that goes ends the response")
    func leaderGoesAlone() {
        let leader = SharedLeader()
        var canceled = 0
        leader.source.onCancel = { canceled += 1 }
        leader.begin()
        leader.write(SharedLeader.events[0])
        leader.follow().body.cancel()
        leader.source.cancel()
        #expect(leader.source.isCanceled && canceled == 1)
        #expect(leader.response.entry() == nil)
    }

    @Test("A leader that goes leaves the response to its followers")
    func leaderGoes() {
        let leader = SharedLeader()
        leader.begin()
        let follower = leader.follow()
        leader.write(SharedLeader.events[0])
        leader.source.cancel()
        #expect(leader.source.isAbandoned && !leader.source.isCanceled)
        leader.write(SharedLeader.whole.replacing(SharedLeader.events[0], with: ""))
        leader.source.finish(nil)
        #expect(leader.text(follower) == SharedLeader.whole)
        #expect(follower.body.end.name == "complete")
    }

    @Test("A leader that has gone waits until the end, or until nobody follows", arguments: [false, true])
    func waits(isLeft: Bool) throws {
        let loop = ManualLoop()
        let ended: (canceled: Bool, time: Int64) = try loop.run {
            let (source, meter) = (BodyPipe(), Samples.meter())
            let response = SharedResponse(limit: 1000, now: { loop.now }, loop)
            source.attach(CopyingFilter(meter: meter))
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
                    source.attach(CopyingFilter(meter: meter))
                    response.record(Prelude(.ok), source, meter, model: nil)
                    if outcome == "answer" { source.write(Array("x".utf8)) } else { source.finish(nil) }
                }
                return (await response.beginning(for: follower), loop.now - started)
            }
            #expect(told.0.name == expected)
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
        #expect(told.0.name == "nil")
        #expect(told.1 == 200 && !told.2)
    }

    @Test("A response that ends before anything is said is followed by nobody")
    func saysNothing() {
        let leader = SharedLeader()
        let follower = leader.follow()
        leader.begin()
        leader.source.finish(TransportError(.reset, "10.1.2.3"))
        #expect(leader.response.beginning.name == "nothing")
        #expect(follower.body.count == 0)
        #expect(!leader.response.outlivesReader && !leader.response.mayBeFollowed)
        #expect(leader.response.entry() == nil)
    }
}
