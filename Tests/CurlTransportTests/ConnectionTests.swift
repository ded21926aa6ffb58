import Glibc
import HTTPTypes
import ScriptedUpstream
import Testing
import Transport

@testable import CurlTransport

/// On which connections requests are sent, and how often. Tests/EndToEnd/test_own_answers.py tests this with TLS.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    private static func answer(_ text: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
    }

    private static func post(_ url: String, _ body: String = "b") -> TransportRequest {
        TransportRequest(.post, url, body: .bytes(Array(body.utf8)))
    }

    private static func text(_ request: TransportRequest, _ loop: CurlLoop) async throws -> String {
        String(decoding: try await loop.open(request).body.collect(upTo: 1 << 20), as: UTF8.self)
    }

    @Test(
        "Stray bytes on a kept connection are not taken for a response",
        arguments: [answer("stray"), "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", "H", "\r\n"])
    func ignoresStrays(stray: String) async throws {
        let upstream = try ScriptedUpstream(
            [.readRequest, .send(Self.answer("one")), .wait, .send(stray), .tell, .readToEnd],
            [.readRequest, .send(Self.answer("two"))])
        let texts = try await OnLoop.run { _, loop in
            let first = try await Self.text(Self.post(upstream.url), loop)
            upstream.proceed()
            upstream.awaitTell()
            return [first, try await Self.text(Self.post(upstream.url), loop)]
        }
        #expect(texts == ["one", "two"])
        #expect(upstream.requests.count == 2)
    }

    @Test("A kept connection without stray bytes is reused; a closed one is replaced")
    func replacesClosed() async throws {
        let upstream = try ScriptedUpstream(
            [
                .readRequest, .send(Self.answer("one")), .readRequest, .send(Self.answer("two")), .wait, .shutDown,
                .tell,
            ],
            [.readRequest, .send(Self.answer("three"))])
        let texts = try await OnLoop.run { _, loop in
            var texts = [try await Self.text(Self.post(upstream.url), loop)]
            texts.append(try await Self.text(Self.post(upstream.url), loop))
            upstream.proceed()
            upstream.awaitTell()
            texts.append(try await Self.text(Self.post(upstream.url), loop))
            return texts
        }
        #expect(texts == ["one", "two", "three"])
    }

    @Test(
        "A request that was read isn't sent again if its kept connection closes without a response",
        arguments: [post("", "b"), post("", String(repeating: "b", count: 200_000)), TransportRequest(.get, "")],
        [ScriptedUpstream.Step.shutDown, .reset])
    func sendsOnce(request: TransportRequest, ending: ScriptedUpstream.Step) async throws {
        let upstream = try ScriptedUpstream(
            [.readRequest, .send(Self.answer("one")), .readRequest, ending], [.readRequest, .send(Self.answer("two"))])
        var second = request
        second.url = upstream.url
        let error = try await OnLoop.run { [second] _, loop in
            _ = try await Self.text(Self.post(upstream.url), loop)
            return await #expect(throws: TransportError.self) { try await Self.text(second, loop) }
        }
        #expect(error?.kind == .reset)
        #expect(upstream.requests.count == 2)
    }

    @Test("The response to a HEAD ends with its head, even if a body follows", arguments: ["", "body"])
    func endsHead(body: String) async throws {
        let upstream = try ScriptedUpstream(
            [.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), .readToEnd],
            [.readRequest, .send(Self.answer("two"))])
        let texts = try await OnLoop.run { _, loop in
            let content: TransportRequest.Body = body.isEmpty ? .none : .bytes(Array(body.utf8))
            let first = try await Self.text(TransportRequest(.head, upstream.url, body: content), loop)
            return [first, try await Self.text(Self.post(upstream.url), loop)]
        }
        #expect(texts == ["", "two"])
    }

    @Test("Timeouts don't count the time in which the loop is busy", arguments: [true, false])
    func forgivesOwnDelay(isConnected: Bool) async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.answer("one")), .tell, .readToEnd])
        var request = Self.post(upstream.url)
        // Long enough for a busy machine to connect and answer.
        request.limits.connect = 2000
        request.limits.firstByte = 2000
        let text = try await OnLoop.run { [request] _, loop in
            let asking = Task(executorPreference: loop) { try await Self.text(request, loop) }
            while loop.transfers.isEmpty { await Task.yield() }
            if isConnected { while loop.transfers.first?.value.bytesSent == 0 { await Task.yield() } }
            // Meanwhile nothing else runs on the loop.
            if isConnected { upstream.awaitTell() }
            let end = CurlLoop.clock() + 3000
            while CurlLoop.clock() < end {}
            return try await asking.value
        }
        #expect(text == "one")
    }
}
