import Testing
import Transport

/// These tests are here because they need two tasks on one loop.
@Suite struct DrainTests {
    private static func write(_ text: String, to pipe: BodyPipe) { Array(text.utf8).withUnsafeBytes { pipe.write($0) } }

    private static func text(_ pipe: BodyPipe) -> String { String(decoding: pipe.readAll(), as: UTF8.self) }

    @Test("A pipe drains into another, with its end, and never buffers more than the mark")
    func drains() throws {
        let (first, rest, end) = try ManualLoop().run {
            let (source, sink) = (BodyPipe(), BodyPipe(highMark: 4))
            Self.write("abcdef", to: source)
            async let draining: Void = sink.drain(source)
            while sink.count == 0 { await Task.yield() }
            Self.write("g", to: source)
            await Task.yield()
            let first = Self.text(sink)
            source.finish(TransportError(.reset, "gone"))
            await draining
            return (first, Self.text(sink), sink.end)
        }
        #expect(first == "abcdef" && rest == "g")
        guard case .failed(TransportError(.reset, "gone")) = end else {
            Issue.record("the end is the source's")
            return
        }
    }

    @Test("A reader that leaves cancels the source, even if it has just caught up", arguments: [false, true])
    func leaves(afterReading: Bool) throws {
        let isCanceled = try ManualLoop().run {
            let (source, sink) = (BodyPipe(), BodyPipe(highMark: 4))
            Self.write("abcdef", to: source)
            async let draining: Void = sink.drain(source)
            while sink.count == 0 { await Task.yield() }
            if afterReading { _ = sink.readAll() }
            sink.cancel()
            await draining
            return source.isCanceled
        }
        #expect(isCanceled)
    }
}
