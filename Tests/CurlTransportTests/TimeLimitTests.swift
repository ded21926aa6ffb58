import HTTPTypes
import ScriptedUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1))) struct TimeLimitTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

    /// Marks the bytes that it sees.
    private struct Marking: BodyFilter {
        mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
            output += bytes
            return bytes.contains(UInt8(ascii: "!")) ? .complete : nil
        }
        mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End { .complete }
        mutating func fillSilence(into output: inout [UInt8]) { output += Array("~".utf8) }
    }

    @Test(
        "A silent sender is a timeout: before the head, before the first byte, between two bytes",
        arguments: [
            ("", .firstByteTimeout), (head, .firstByteTimeout), (head + "hel", .idleTimeout),
        ] as [(String, TransportError.Kind)])
    func givesUp(sent: String, kind: TransportError.Kind) async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(sent), .readToEnd])
        let error = await #expect(throws: TransportError.self) {
            try await OnLoop.run { _, loop in
                var request = TransportRequest(.get, upstream.url)
                // Only the timeout that is tested, so that no other comes first on a busy machine.
                if kind == .idleTimeout { request.limits.idle = 60 } else { request.limits.firstByte = 60 }
                return try await loop.open(request).body.collect(upTo: 100)
            }
        }
        #expect(error?.kind == kind)
    }

    @Test("A filter can fill silences repeatedly, and the rest of the body still arrives")
    func fillsSilence() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "he"), .wait, .send("llo")])
        let text = try await OnLoop.run { _, loop in
            var request = TransportRequest(.get, upstream.url)
            request.limits.silence = 5
            let body = try await loop.open(request).body
            body.attach(Marking())
            var text = ""
            while text.utf8.count < 4 {
                if body.count == 0 { await body.readable() }
                text += String(decoding: body.readAll(), as: UTF8.self)
            }
            upstream.proceed()
            return text + String(decoding: try await body.collect(upTo: 1000), as: UTF8.self)
        }
        #expect(text.hasPrefix("he~") && text.filter { $0 != "~" } == "hello")
    }

    @Test("After the filter has seen the end, a body is still read to its end, so that the connection is reused")
    func keepsConnection() async throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
        let upstream = try ScriptedUpstream([
            .readRequest, .send(answer + "a!"), .wait, .send("b"), .readRequest, .send(answer + "abc"),
        ])
        let text = try await OnLoop.run { _, loop in
            let body = try await loop.open(TransportRequest(.get, upstream.url)).body
            body.attach(Marking())
            let text = String(decoding: try await body.collect(upTo: 100), as: UTF8.self)
            #expect(loop.transfers.count == 1)
            upstream.proceed()
            while !loop.transfers.isEmpty { await Task.yield() }
            _ = try await loop.open(TransportRequest(.get, upstream.url)).body.collect(upTo: 100)
            return text
        }
        #expect(text == "a!")
        #expect(upstream.requests.count == 2)
    }

    @Test("A sender that doesn't stop after the end of its body is dropped after a moment")
    func leaves() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "a!"), .readToEnd])
        try await OnLoop.run { _, loop in
            let body = try await loop.open(TransportRequest(.get, upstream.url)).body
            body.attach(Marking())
            _ = try await body.collect(upTo: 100)
            while !loop.transfers.isEmpty { await Task.yield() }
        }
    }

    @Test("Cancellation ends an exchange before its head, a body, a sleep, and anything after that")
    func cancels() async throws {
        let silent = try ScriptedUpstream([.readRequest, .readToEnd])
        let slow = try ScriptedUpstream([.readRequest, .send(Self.head + "he"), .readToEnd])
        let kinds = try await OnLoop.run { _, loop in
            var kinds: [TransportError.Kind?] = []
            for step in 0...3 {
                let cancellation = Cancellation()
                var request = TransportRequest(.get, step == 1 ? slow.url : silent.url)
                request.cancellation = cancellation
                if step == 3 { cancellation.cancel("before") }
                _ = loop.schedule(after: 20) { cancellation.cancel("now") }
                do throws(TransportError) {
                    if step == 2 { try await loop.sleep(for: 60_000, cancellation) }
                    _ = try await loop.open(request).body.collect(upTo: 100)
                } catch {
                    kinds.append(error.kind)
                }
            }
            #expect(loop.transfers.isEmpty)
            return kinds
        }
        #expect(kinds == [.canceled, .canceled, .canceled, .canceled])
    }
}
