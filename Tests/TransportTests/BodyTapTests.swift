import Testing

@testable import Transport

@Suite struct BodyTapTests {
    /// What a tap is shown.
    private final class Tap: BodyTap {
        var seen = ""
        var end: BodyPipe.End?
        var outlivesReader = false
        var hasRoom = false

        func isFull(besides buffered: Int?, highMark: Int) -> Bool { (buffered ?? highMark) >= highMark && !hasRoom }

        func receive(_ bytes: UnsafeRawBufferPointer, _ end: BodyPipe.End?) {
            seen += String(decoding: bytes, as: UTF8.self)
            self.end = end
        }
    }

    /// Writes capitals, a point at the end, and a dash in a silence. A semicolon ends the body.
    private struct Upper: BodyFilter {
        mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
            output += bytes.map { $0 & ~0x20 }
            return bytes.contains(UInt8(ascii: ";")) ? .complete : nil
        }

        mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
            output += Array(".".utf8)
            return error.map { .failed($0) } ?? .complete
        }

        mutating func fillSilence(into output: inout [UInt8]) { output += Array("-".utf8) }
    }

    private func pipe(_ tap: Tap, highMark: Int = 8) -> BodyPipe {
        let pipe = BodyPipe(highMark: highMark)
        pipe.attach(Upper())
        pipe.attach(tap: tap)
        return pipe
    }

    private func write(_ text: String, to pipe: BodyPipe) { pipe.write(Array(text.utf8)) }

    private func read(_ pipe: BodyPipe) -> String { String(decoding: pipe.readAll(), as: UTF8.self) }

    private func name(_ end: BodyPipe.End?) -> String {
        switch end {
        case .complete: "complete"
        case .partial: "partial"
        case .failed: "failed"
        case nil: "nil"
        }
    }

    private func readEnd(_ pipe: BodyPipe) -> BodyPipe.Read {
        var buffer = [UInt8](repeating: 0, count: 4)
        return buffer.withUnsafeMutableBytes { pipe.read(into: $0) }
    }

    @Test("A tap sees what the reader gets, and takes nothing from it")
    func shows() {
        let tap = Tap()
        let pipe = pipe(tap)
        write("ab", to: pipe)
        #expect(tap.seen == "AB" && tap.end == nil)
        #expect(read(pipe) == "AB")
        write("c", to: pipe)
        pipe.finish(nil)
        #expect(read(pipe) == "C.")
        #expect(tap.seen == "ABC." && name(tap.end) == "complete")
    }

    @Test("A tap that comes late also gets what is still there, and the end")
    func comesLate() {
        let pipe = BodyPipe()
        pipe.attach(Upper())
        write("ab", to: pipe)
        let tap = Tap()
        pipe.attach(tap: tap)
        #expect(tap.seen == "AB" && tap.end == nil)
        pipe.finish(nil)
        let last = Tap()
        pipe.attach(tap: last)
        #expect(tap.seen == "AB." && last.seen == "AB.")
        #expect(name(last.end) == "complete")
        #expect(read(pipe) == "AB.")
    }

    @Test("A tap hears the end once, however the body ends")
    func hearsEnd() {
        let (failed, filtered) = (Tap(), Tap())
        let first = pipe(failed)
        first.finish(TransportError(.reset, ""))
        #expect(failed.seen == "." && name(failed.end) == "failed")
        let second = pipe(filtered)
        write("a;", to: second)
        #expect(name(filtered.end) == "complete")
        write("late", to: second)
        second.finish(TransportError(.reset, ""))
        #expect(filtered.seen == "A\u{1B}" && name(filtered.end) == "complete")
    }

    @Test("What only fills a silence is left out")
    func leavesOutComments() {
        let tap = Tap()
        let pipe = pipe(tap)
        pipe.fillSilence()
        write("a", to: pipe)
        #expect(read(pipe) == "-A")
        #expect(tap.seen == "A")
    }

    @Test("Without others, the reader alone pauses the writer, and ends the transfer when it goes")
    func isAlone() {
        let tap = Tap()
        tap.hasRoom = true
        let pipe = pipe(tap)
        var canceled = 0
        pipe.onCancel = { canceled += 1 }
        write("12345678", to: pipe)
        #expect(pipe.isFull)
        pipe.cancel()
        write("9", to: pipe)
        #expect(pipe.isCanceled && canceled == 1)
        #expect(tap.seen == "\u{11}\u{12}\u{13}\u{14}\u{15}\u{16}\u{17}\u{18}")
    }

    @Test(
        "The tap decides whether the writer pauses",
        arguments: [
            (written: 7, isRead: false, hasRoom: false, isFull: false),
            (8, false, false, true), (8, false, true, false), (8, true, false, false), (8, true, true, false),
        ])
    func pauses(written: Int, isRead: Bool, hasRoom: Bool, isFull: Bool) {
        let tap = Tap()
        (tap.outlivesReader, tap.hasRoom) = (true, hasRoom)
        let pipe = pipe(tap)
        write(String(repeating: "a", count: written), to: pipe)
        if isRead { _ = pipe.readAll() }
        #expect(pipe.isFull == isFull)
    }

    @Test("A paused writer goes on once another reader has room")
    func resumes() {
        let tap = Tap()
        tap.outlivesReader = true
        let pipe = pipe(tap)
        var drained = 0
        pipe.onDrained = { drained += 1 }
        write("12345678", to: pipe)
        pipe.tapHasRoom()
        #expect(drained == 0)
        tap.hasRoom = true
        pipe.tapHasRoom()
        pipe.tapHasRoom()
        #expect(drained == 1)
    }

    @Test("If others want the body, it goes on without its reader")
    func isAbandoned() {
        let tap = Tap()
        (tap.outlivesReader, tap.hasRoom) = (true, true)
        let pipe = pipe(tap)
        var canceled = 0
        pipe.onCancel = { canceled += 1 }
        write("a", to: pipe)
        pipe.cancel()
        #expect(pipe.isAbandoned && !pipe.isCanceled && canceled == 0)
        #expect(readEnd(pipe) == .failed)
        write("b", to: pipe)
        pipe.fillSilence()
        #expect(pipe.count == 0 && !pipe.isFull)
        tap.hasRoom = false
        #expect(pipe.isFull)
        pipe.finish(nil)
        #expect(tap.seen == "AB." && name(tap.end) == "complete")
    }

    @Test("Once nobody else wants it either, canceling ends the transfer")
    func cancelsLast() {
        let tap = Tap()
        tap.outlivesReader = true
        let pipe = pipe(tap)
        var canceled = 0
        pipe.onCancel = { canceled += 1 }
        pipe.cancel()
        tap.outlivesReader = false
        pipe.cancel()
        #expect(pipe.isCanceled && canceled == 1)
    }

    @Test("A reader that delays the others is cut off, and woken")
    func cutsOff() {
        let tap = Tap()
        (tap.outlivesReader, tap.hasRoom) = (true, true)
        let pipe = pipe(tap)
        var woken = 0
        pipe.onReadable = { woken += 1 }
        write(String(repeating: "a", count: 20), to: pipe)
        #expect(!pipe.isAbandoned)
        pipe.cutOffReader()
        write("b", to: pipe)
        #expect(pipe.isAbandoned && pipe.count == 0 && woken == 1)
        #expect(readEnd(pipe) == .failed)
        write("c", to: pipe)
        pipe.finish(nil)
        #expect(tap.seen.utf8.count == 23)
    }

    @Test("Once the body has ended, no reader is cut off")
    func keepsEnd() {
        let tap = Tap()
        (tap.outlivesReader, tap.hasRoom) = (true, true)
        let pipe = pipe(tap)
        write("aaa;", to: pipe)
        pipe.cutOffReader()
        #expect(!pipe.isAbandoned && read(pipe).utf8.count == 4)
    }
}
