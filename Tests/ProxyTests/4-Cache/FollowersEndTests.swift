import HTTPTypes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

/// What ends the response for those who share it.
@Suite struct FollowersEndTests {
    @Test("A failure in the middle reaches followers as it reaches the leader, and isn't stored")
    func fails() {
        let leader = SharedLeader()
        leader.begin()
        let follower = leader.follow()
        leader.write(SharedLeader.events[0])
        leader.source.finish(TransportError(.reset, "10.1.2.3"))
        let text = leader.text(follower)
        #expect(text == String(decoding: leader.source.readAll(), as: UTF8.self))
        #expect(EventReader(Array(text.utf8)).errors.count == 1)
        #expect(follower.body.end.name == leader.source.end.name && follower.body.end.name.hasPrefix("partial"))
        #expect(!leader.response.mayBeFollowed && leader.response.entry() == nil)
    }

    @Test("A reader that is far behind, but goes on reading, is waited for")
    func waits() {
        let leader = SharedLeader(limit: 50_000)
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
        #expect(slow.body.end.name == "complete")
    }

    @Test("A reader that takes little at a time is waited for, too")
    func waitsForLittle() {
        let leader = SharedLeader(limit: 1000)
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
        #expect(slow.body.end.name == "failed reset")
    }

    @Test("A response that is too long isn't stored, but those who follow already get all of it")
    func isTooLong() {
        let leader = SharedLeader(limit: 50_000)
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
        #expect(slow.body.end.name == "failed reset" && !leader.source.isFull)
        leader.source.finish(nil)
        #expect(follower.body.end.name == "complete")
        #expect(leader.response.entry() == nil)
    }

    @Test("A follower whose time is up gets the error, or is cut off, and the others go on", arguments: [false, true])
    func timesOut(saysError: Bool) {
        let leader = SharedLeader()
        leader.begin()
        let other = leader.follow()
        let follower = leader.response.follow(upTo: 1000, Cancellation()) { error, _ in
            saysError ? StreamFailure(.upstreamFailed(server: "a", error)) : nil
        }
        leader.write(SharedLeader.events[0], after: 999)
        #expect(follower.body.end == nil)
        leader.write(SharedLeader.events[1], after: 1)
        let text = leader.text(follower)
        #expect(text.hasPrefix(SharedLeader.events[0]) && !text.contains(SharedLeader.events[1]))
        #expect(EventReader(Array(text.utf8)).errors.count == (saysError ? 1 : 0))
        #expect(follower.body.end.name.hasPrefix(saysError ? "partial" : "failed deadline"))
        #expect(leader.text(other) == SharedLeader.events[0] + SharedLeader.events[1])
        #expect(leader.response.outlivesReader && leader.clock.pending == 0)
    }

    @Test("A follower whose request is canceled is told so, and the others go on")
    func isCanceled() {
        let leader = SharedLeader()
        leader.begin()
        let cancellation = Cancellation()
        let (follower, other) = (leader.follow(upTo: 60_000, cancellation), leader.follow())
        leader.write(SharedLeader.events[0])
        cancellation.cancel("the process ends")
        #expect(leader.text(follower).hasPrefix(SharedLeader.events[0]))
        #expect(follower.body.end.name.hasPrefix("partial"))
        #expect(leader.clock.pending == 0)
        leader.write(SharedLeader.events[1])
        #expect(leader.text(other) == SharedLeader.events[0] + SharedLeader.events[1])
    }

    @Test(
        "A follower whose time is up inside an event gets the rest of it before the error",
        arguments: [-20_000, -2, -1, 0, 1, 2, 20_000], [1000, 200_000])
    func finishesEvents(distance: Int, limit: Int) {
        let leader = SharedLeader(limit: limit)
        leader.begin()
        let follower = leader.follow(upTo: 1000)
        // Its pipe is full at so many bytes before the end of the second event.
        let (start, end) = ("data: {\"choices\":[{\"delta\":{\"content\":\"", "\"}}]}\n\n")
        let rest = BodyPipe.defaultHighMark + distance - (SharedLeader.events[0] + start + end).utf8.count
        let all =
            SharedLeader.events[0] + start + String(repeating: "x", count: rest) + end + SharedLeader.events[1]
            + SharedLeader.events[2]
        leader.write(all)
        leader.clock.advance(by: 1000)
        let got = EventReader(Array(leader.text(follower).utf8))
        let sent = EventReader(Array(all.utf8)).events
        #expect(got.errors.count == 1 && got.events.count > 2)
        #expect(got.events.dropLast() == sent.prefix(got.events.count - 1))
        #expect(follower.body.end.name.hasPrefix("partial"))
    }
}
