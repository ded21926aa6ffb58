import HTTPTypes
import Testing
import Transport

@testable import Proxy

@Suite struct ReplayTests {
    private let clock = HandClock()

    private static func entry(_ pieces: [(text: String, wait: Int)]) -> CacheEntry {
        CacheEntry(
            created: 0, fields: [:], body: Array(pieces.map(\.text).joined().utf8),
            pieces: pieces.map { .init(length: $0.text.utf8.count, wait: $0.wait) }, usage: nil, model: nil,
            answeredModel: nil)
    }

    private static let stream = entry([("a", 100), ("b", 0), ("c", 500), ("d", 1500)])
    /// Three of its pieces fill a pipe.
    private static let long = entry((0..<10).map { (String(repeating: "\($0)", count: 30_000), 10) })

    private func replay(_ entry: CacheEntry = stream, isPaced: Bool = true, limit: Int? = nil) -> BodyPipe {
        Replay(entry, isPaced: isPaced, paceLimit: limit, clock).body
    }

    private func text(_ body: BodyPipe) -> String { String(decoding: body.readAll(), as: UTF8.self) }

    private func isComplete(_ body: BodyPipe) -> Bool { if case .complete = body.end { true } else { false } }

    @Test("At full speed everything is there at once, and no timer is left", arguments: [stream, entry([])])
    private func isFast(entry: CacheEntry) {
        let body = replay(entry, isPaced: false)
        #expect(body.readAll() == entry.body)
        #expect(isComplete(body) && clock.pending == 0)
    }

    @Test("At the original pace each piece comes when it came")
    func keepsPace() {
        let body = replay()
        let steps: [(wait: Int64, text: String)] = [(99, ""), (1, "ab"), (499, ""), (1, "c"), (1499, ""), (1, "d")]
        for step in steps {
            #expect(!isComplete(body))
            clock.advance(by: step.wait)
            #expect(text(body) == step.text)
        }
        #expect(isComplete(body) && clock.pending == 0)
    }

    @Test("Once the time for the pace is over, the rest follows at once", arguments: [0, 1, 100, 350, 1200, 2099])
    func hurries(limit: Int) {
        let body = replay(limit: limit)
        clock.advance(by: Int64(limit) - 1)
        #expect(!isComplete(body))
        clock.advance(by: 1)
        #expect(text(body) == "abcd")
        #expect(isComplete(body) && clock.pending == 0)
    }

    @Test("A time that is over already means no pace")
    func hasNoTime() {
        let body = replay(limit: -5)
        clock.advance()
        #expect(text(body) == "abcd")
        #expect(isComplete(body) && clock.pending == 0)
    }

    @Test(
        "A slow reader gets everything, and the pipe never holds more than its mark and a piece",
        arguments: [false, true])
    func waits(isPaced: Bool) {
        let body = replay(Self.long, isPaced: isPaced, limit: isPaced ? 25 : nil)
        var read: [UInt8] = []
        var rounds = 0
        while read.count < Self.long.body.count, rounds < 100 {
            clock.advance(by: 1000)
            #expect(body.count < BodyPipe.defaultHighMark + 30_000)
            read += body.readAll()
            rounds += 1
        }
        clock.advance()
        #expect(read == Self.long.body)
        #expect(isComplete(body) && clock.pending == 0)
        #expect(rounds > 3)
    }

    @Test("Room in the pipe brings no piece before its time")
    func waitsBesideReader() {
        let long = String(repeating: "x", count: BodyPipe.defaultHighMark)
        let body = replay(Self.entry([(long, 0), (long, 0), ("a", 100), ("b", 100)]))
        for _ in 0..<2 {
            #expect(text(body) == long)
            clock.advance()
        }
        for piece in ["a", "b"] {
            clock.advance(by: 99)
            #expect(text(body).isEmpty)
            clock.advance(by: 1)
            #expect(text(body) == piece)
        }
        #expect(isComplete(body) && clock.pending == 0)
    }

    @Test("A reader that has gone leaves no timer behind", arguments: [0, 100, 700] as [Int64])
    func stops(time: Int64) {
        let body = replay(limit: 60_000)
        clock.advance(by: time)
        body.cancel()
        #expect(clock.pending == 0)
    }

    @Test("A reader that goes while the pipe is full leaves no timer behind")
    func stopsWhenFull() {
        let body = replay(Self.long, isPaced: false)
        #expect(body.isFull)
        body.cancel()
        clock.advance()
        #expect(body.count == 0 && clock.pending == 0)
    }
}
