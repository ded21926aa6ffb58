import HTTPTypes
import ScriptedUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite(.timeLimit(.minutes(1))) struct ExchangeTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nX-A: 2\r\nEmpty:\r\n\r\n"

    /// Sends one request and returns the status, the fields and the collected body.
    private func exchange(_ request: TransportRequest) async throws -> (Int, HTTPFields, String) {
        let request = request
        return try await OnLoop.run { _, loop in
            let response = try await loop.open(request)
            let body = try await response.body.collect(upTo: 1 << 20)
            return (response.status.code, response.fields, String(decoding: body, as: UTF8.self))
        }
    }

    private func failure(_ request: TransportRequest) async throws -> TransportError.Kind {
        let error = await #expect(throws: TransportError.self) { try await exchange(request) }
        return try #require(error).kind
    }

    @Test("A response's status, fields and body arrive as they were sent")
    func receives() async throws {
        let upstream = try ScriptedUpstream([
            .readRequest, .send("HTTP/1.1 103 Early\r\nX-A: 0\r\n\r\n"), .send(Self.head + "hello"),
        ])
        let (status, fields, body) = try await exchange(TransportRequest(.get, upstream.url + "/p?q=1"))
        #expect(status == 200)
        #expect(fields[values: HTTPField.Name("x-a")!] == ["1", "2"])
        #expect(fields[HTTPField.Name("empty")!] == "")
        #expect(body == "hello")
    }

    @Test("A request is sent with exactly its fields")
    func sends() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "hello")])
        let fields: HTTPFields = [.contentType: "a/b", HTTPField.Name("x-empty")!: ""]
        _ = try await exchange(
            TransportRequest(.put, upstream.url + "/p", fields: fields, body: .bytes(Array("body".utf8))))
        #expect(
            upstream.requests == [
                "PUT /p HTTP/1.1\r\nHost: 127.0.0.1:\(upstream.port)\r\nContent-Type: a/b\r\nx-empty:\r\nContent-Length: 4\r\n\r\nbody"
            ])
    }

    @Test(
        "Each method is sent unchanged, with and without a body",
        arguments: [(.get, ""), (.head, ""), (.post, ""), (.delete, ""), (.patch, "x"), (.delete, "x"), (.get, "x")]
            as [(HTTPRequest.Method, String)])
    func sendsMethods(method: HTTPRequest.Method, body: String) async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
        let content: TransportRequest.Body = body.isEmpty ? .none : .bytes(Array(body.utf8))
        _ = try await exchange(TransportRequest(method, upstream.url, body: content))
        #expect(upstream.requests.first?.hasPrefix("\(method) / HTTP/1.1\r\n") == true)
        #expect(upstream.requests.first?.hasSuffix("\r\n\r\n\(body)") == true)
    }

    @Test("A request that follows others is sent as if it were the first")
    func forgets() async throws {
        let answer = ScriptedUpstream.Step.send(Self.head + "hello")
        let upstream = try ScriptedUpstream(
            [.readRequest, answer, .readRequest, answer, .readRequest, .send(Self.head), .readToEnd],
            [.readRequest, answer])
        let url = upstream.url
        try await OnLoop.run { _, loop in
            let pipe = BodyPipe()
            pipe.attach(Trailing())
            pipe.finish(nil)
            for request in [
                TransportRequest(.patch, url + "/a", fields: [.contentType: "a/b"], body: .bytes(Array("x".utf8))),
                TransportRequest(.post, url + "/b", body: .stream(prefix: Array("first".utf8), pipe)),
                TransportRequest(.head, url + "/c"), TransportRequest(.get, url + "/d"),
            ] {
                _ = try await loop.open(request).body.collect(upTo: 100)
            }
        }
        #expect(
            upstream.requests.map { $0.prefix { $0 != "\r\n" } } == [
                "PATCH /a HTTP/1.1", "POST /b HTTP/1.1", "HEAD /c HTTP/1.1", "GET /d HTTP/1.1",
            ])
        #expect(upstream.requests.last == "GET /d HTTP/1.1\r\nHost: 127.0.0.1:\(upstream.port)\r\n\r\n")
    }

    @Test("The head arrives before the body, and each piece before the next is sent")
    func streams() async throws {
        let upstream = try ScriptedUpstream([
            .readRequest, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .wait, .send("3\r\nabc\r\n"),
            .wait,
            .send("3\r\ndef\r\n0\r\n\r\n"),
        ])
        let text = try await OnLoop.run { _, loop in
            let response = try await loop.open(TransportRequest(.get, upstream.url))
            upstream.proceed()
            var text = response.body.count == 0 ? "head " : ""
            await response.body.readable()
            text += String(decoding: response.body.readAll(), as: UTF8.self) + " "
            upstream.proceed()
            return text + String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
        }
        #expect(text == "head abc def")
    }

    @Test("A streamed request sends its prefix, its body and its trailers")
    func streamsUp() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "hello")])
        try await OnLoop.run { _, loop in
            let pipe = BodyPipe()
            Array("more".utf8).withUnsafeBytes { pipe.write($0) }
            pipe.attach(Trailing())
            pipe.finish(nil)
            _ = try await loop.open(
                TransportRequest(.post, upstream.url, body: .stream(prefix: Array("first".utf8), pipe)))
        }
        let request = try #require(upstream.requests.first)
        #expect(request.contains("Transfer-Encoding: chunked") && !request.contains("Expect"))
        #expect(request.hasSuffix("\r\n\r\n9\r\nfirstmore\r\n0\r\nExpires: t\r\n\r\n"))
    }

    @Test("A streamed request without trailers ends with its last chunk")
    func streamsUpWithoutTrailers() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "hello")])
        try await OnLoop.run { _, loop in
            let pipe = BodyPipe()
            Array("more".utf8).withUnsafeBytes { pipe.write($0) }
            pipe.finish(nil)
            _ = try await loop.open(TransportRequest(.post, upstream.url, body: .stream(prefix: [], pipe)))
        }
        #expect(try #require(upstream.requests.first).hasSuffix("\r\n\r\n4\r\nmore\r\n0\r\n\r\n"))
    }

    @Test("A body of any length arrives complete", arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func sendsBodies(length: Int) async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head + "hello")])
        let body = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 23) }
        try await OnLoop.run { _, loop in
            _ = try await loop.open(TransportRequest(.post, upstream.url, body: .bytes(body)))
        }
        let request = try #require(upstream.requests.first)
        #expect(request.contains("Content-Length: \(length)\r\n"))
        #expect(request.hasSuffix("\r\n\r\n" + String(decoding: body, as: UTF8.self)))
    }

    private struct Trailing: BodyFilter {
        mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
            output += bytes
            return nil
        }
        mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
            .partial(type: "", reason: "", trailers: [.expires: "t"])
        }
        mutating func fillSilence(into output: inout [UInt8]) {}
    }

    @Test("A slow reader slows the sender down, and gets everything in the end")
    func holdsBack() async throws {
        let size = 8 << 20
        let upstream = try ScriptedUpstream([
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n"),
            .sendBytes([UInt8](repeating: 0x61, count: size)),
        ])
        let (largest, total) = try await OnLoop.run { _, loop in
            let response = try await loop.open(TransportRequest(.get, upstream.url))
            var (largest, total) = (0, 0)
            while response.body.end == nil || response.body.count > 0 {
                if response.body.count == 0 { await response.body.readable() }
                largest = max(largest, response.body.count)
                total += response.body.readAll().count
            }
            return (largest, total)
        }
        #expect(total == size)
        #expect(largest < BodyPipe.defaultHighMark + 32 * 1024)
    }

    @Test(
        "Each failure on the wire has its own error",
        arguments: [
            ([.readRequest], .reset), ([.readRequest, .reset], .reset),
            ([.readRequest, .send("HTTP/1.1 200 OK\r\nContent-")], .reset),
            ([.readRequest, .send("garbage\r\n\r\n")], .malformed),
            ([.readRequest, .send("HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 200_000))], .tooLarge),
            ([.readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello")], .reset),
            ([.readRequest, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")], .reset),
            (
                [
                    .readRequest,
                    .send(
                        "HTTP/1.1 200 OK\r\n"
                            + String(repeating: "A: " + String(repeating: "b", count: 1000) + "\r\n", count: 70)),
                ], .tooLarge
            ),
        ] as [([ScriptedUpstream.Step], TransportError.Kind)])
    func namesFailures(script: [ScriptedUpstream.Step], kind: TransportError.Kind) async throws {
        let upstream = try ScriptedUpstream(script)
        #expect(try await failure(TransportRequest(.get, upstream.url)) == kind)
    }

    @Test("A timeout ends the exchange, before the head and after it", arguments: ["", head + "hel"])
    func timesOut(sent: String) async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(sent), .readToEnd])
        var request = TransportRequest(.get, upstream.url)
        request.limits.total = 100
        #expect(try await failure(request) == .timeout)
    }

    @Test(
        "The error says why a server can't be reached",
        arguments: [
            ("http://127.0.0.1:1/", .refused), ("http://nowhere.invalid/", .unresolved),
            ("http://[::1", .invalidRequest),
            ("file:///etc/passwd", .malformed),
        ] as [(String, TransportError.Kind)])
    func namesUnreachable(url: String, kind: TransportError.Kind) async throws {
        #expect(try await failure(TransportRequest(.get, url)) == kind)
    }

    @Test("A server without TLS is refused")
    func namesTLS() async throws {
        let upstream = try ScriptedUpstream([.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .readToEnd])
        #expect(try await failure(TransportRequest(.get, "https://127.0.0.1:\(upstream.port)/")) == .handshake)
    }

    @Test("A reader can end the exchange early")
    func cancels() async throws {
        let upstream = try ScriptedUpstream([.readRequest, .send(Self.head), .readToEnd, .wait])
        let remaining = try await OnLoop.run { _, loop in
            let response = try await loop.open(TransportRequest(.get, upstream.url))
            response.body.cancel()
            return loop.transfers.count
        }
        #expect(remaining == 0)
        upstream.proceed()
    }

    @Test("If the reader of a streamed request goes away, its writer is stopped")
    func cancelsTheSource() async throws {
        let source = try ScriptedUpstream([
            .readRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na"), .readToEnd,
        ])
        let sink = try ScriptedUpstream([.reset])
        let remaining = try await OnLoop.run { _, loop in
            let response = try await loop.open(TransportRequest(.get, source.url))
            let body = TransportRequest.Body.stream(prefix: [0x21], response.body)
            do throws(TransportError) {
                _ = try await loop.open(TransportRequest(.post, sink.url, body: body))
                Issue.record("the sink had gone")
            } catch {}
            return loop.transfers.count
        }
        #expect(remaining == 0)
    }
}
