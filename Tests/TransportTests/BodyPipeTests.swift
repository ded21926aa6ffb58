import HTTPTypes
import Testing

@testable import Transport

@Suite struct BodyPipeTests {
    private func write(_ text: String, to pipe: BodyPipe) { Array(text.utf8).withUnsafeBytes { pipe.write($0) } }

    private func read(_ pipe: BodyPipe, atMost count: Int = 100) -> String? {
        var buffer = [UInt8](repeating: 0, count: count)
        guard case .bytes(let length) = buffer.withUnsafeMutableBytes({ pipe.read(into: $0) }) else { return nil }
        return String(decoding: buffer[..<length], as: UTF8.self)
    }

    @Test("Bytes come out in the order in which they were written, in pieces of any size", arguments: 1...8)
    func keepsOrder(size: Int) {
        let pipe = BodyPipe()
        write("abc", to: pipe)
        write("defgh", to: pipe)
        var output = ""
        while let piece = read(pipe, atMost: size) { output += piece }
        #expect(output == "abcdefgh")
    }

    @Test("A full pipe resumes its writer at the low-water mark, and not before")
    func signalsDrained() {
        let pipe = BodyPipe(highMark: 8)
        var drained = 0
        pipe.onDrained = { drained += 1 }
        write("1234567", to: pipe)
        #expect(!pipe.isFull)
        write("8", to: pipe)
        #expect(pipe.isFull)
        _ = read(pipe, atMost: 5)
        #expect(drained == 0)
        _ = read(pipe, atMost: 1)
        #expect(drained == 1)
        _ = read(pipe)
        #expect(drained == 1)
    }

    @Test("A waiting reader is woken once for bytes, and once for the end")
    func wakesReader() {
        let pipe = BodyPipe()
        var woken = 0
        pipe.onReadable = { woken += 1 }
        write("", to: pipe)
        #expect(woken == 0)
        write("a", to: pipe)
        write("b", to: pipe)
        #expect(woken == 1)
        pipe.onReadable = { woken += 1 }
        pipe.finish(nil)
        #expect(woken == 2)
    }

    @Test("The end comes after the last byte, and nothing is accepted after it")
    func ends() {
        let pipe = BodyPipe()
        write("a", to: pipe)
        pipe.finish(nil)
        write("late", to: pipe)
        #expect(read(pipe) == "a")
        var buffer = [UInt8](repeating: 0, count: 4)
        #expect(buffer.withUnsafeMutableBytes { pipe.read(into: $0) } == .end)
    }

    @Test("Canceling drops the bytes in the pipe and tells the writer once")
    func cancels() {
        let pipe = BodyPipe()
        var canceled = 0
        pipe.onCancel = { canceled += 1 }
        write("a", to: pipe)
        pipe.cancel()
        pipe.cancel()
        write("b", to: pipe)
        #expect(canceled == 1)
        #expect(pipe.count == 0)
    }

    @Test("A filter that is attached late still sees everything, including the end")
    func attachesLate() {
        let pipe = BodyPipe()
        write("ab", to: pipe)
        pipe.finish(TransportError(.reset, "gone"))
        pipe.attach(Upper())
        #expect(read(pipe) == "AB!")
        guard case .complete = pipe.end else {
            Issue.record("the filter decides how the body ends")
            return
        }
    }

    @Test("Buffered bytes can be read without taking them out")
    func shows() {
        let pipe = BodyPipe(highMark: 2)
        write("abcdef", to: pipe)
        for expected in ["abcdef", "def", ""] {
            #expect(pipe.withBuffered { String(decoding: $0, as: UTF8.self) } == expected)
            #expect(pipe.count == expected.utf8.count)
            _ = read(pipe, atMost: 3)
        }
    }

    @Test("Collecting returns the whole body")
    func collects() async throws {
        let pipe = BodyPipe(highMark: 4)
        write("abcdef", to: pipe)
        pipe.finish(nil)
        #expect(try await pipe.collect(upTo: 6) == Array("abcdef".utf8))
    }

    @Test("Collecting a body over the limit cancels it")
    func collectsNoMoreThanTheLimit() async {
        let pipe = BodyPipe()
        write("abcdef", to: pipe)
        await #expect(throws: TransportError.self) { try await pipe.collect(upTo: 5) }
        #expect(pipe.isCanceled)
    }

    @Test("A body over the limit can be left in the pipe, and its writer goes on when it is read", arguments: 0...7)
    func leavesLongBody(limit: Int) async throws {
        let pipe = BodyPipe(highMark: 4)
        var drained = 0
        pipe.onDrained = { drained += 1 }
        for text in ["abc", "def"] { write(text, to: pipe) }
        #expect(read(pipe, atMost: 1) == "a")
        if limit >= 5 { pipe.finish(nil) }
        let body = try await pipe.collect(ifUpTo: limit)
        #expect(body == (limit >= 5 ? Array("bcdef".utf8) : nil))
        if let body { pipe.putBack(body) }
        #expect(pipe.isFull && !pipe.isCanceled)
        drained = 0
        #expect(read(pipe) == "bcdef")
        #expect(drained == (limit >= 5 ? 0 : 1))
    }

    @Test("Collecting a body that breaks off throws its error")
    func collectsFailure() async {
        let pipe = BodyPipe()
        write("abc", to: pipe)
        pipe.finish(TransportError(.reset, "gone"))
        await #expect(throws: TransportError(.reset, "gone")) { try await pipe.collect(upTo: 100) }
    }

    @Test("A tap learns that the reader has gone, since nothing more will come")
    func tellsTapOfCancellation() {
        let (pipe, tap) = (BodyPipe(), Tap())
        pipe.attach(Upper())
        pipe.attach(tap: tap)
        write("a", to: pipe)
        pipe.cancel()
        write("b", to: pipe)
        #expect(tap.text == "A" && tap.hasFailed && pipe.isCanceled)
    }

    @Test("A reader that was too slow for the others never takes what it has got for the whole body")
    func cutsOffSlowReader() async throws {
        let (pipe, tap) = (BodyPipe(highMark: 2), Tap())
        pipe.attach(Upper())
        pipe.attach(tap: tap)
        tap.outlivesReader = true
        write("abcdefghi", to: pipe)
        pipe.cutOffReader()
        #expect(pipe.isAbandoned && tap.text == "ABCDEFGHI")
        pipe.finish(nil)
        var buffer = [UInt8](repeating: 0, count: 1)
        #expect(buffer.withUnsafeMutableBytes { pipe.read(into: $0) } == .failed)
        await #expect(throws: TransportError.self) { try await pipe.collect(upTo: 100) }
        let copy = BodyPipe()
        await copy.drain(pipe)
        guard case .failed = copy.end else {
            Issue.record("the copy seems whole")
            return
        }
    }

    private final class Tap: BodyTap {
        var outlivesReader = false

        func isFull(besides buffered: Int?, highMark: Int) -> Bool { false }

        private(set) var text = ""
        private(set) var hasFailed = false

        func receive(_ bytes: UnsafeRawBufferPointer, _ end: BodyPipe.End?) {
            text += String(decoding: bytes, as: UTF8.self)
            if case .failed = end { hasFailed = true }
        }
    }

    private struct Upper: BodyFilter {
        mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
            output += bytes.map { $0 & 0xDF }
            return nil
        }

        mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
            output += Array("!".utf8)
            return .complete
        }

        mutating func fillSilence(into output: inout [UInt8]) { output += Array("-".utf8) }
    }
}
