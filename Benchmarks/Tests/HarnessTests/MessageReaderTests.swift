import Testing

@testable import harness

struct MessageReaderTests {
    @Test(
        "A message is the same however its bytes arrive",
        arguments: [
            ("GET /a HTTP/1.1\r\nHost: x\r\n\r\n", ["GET /a HTTP/1.1", "end"]),
            ("POST /a HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc", ["POST /a HTTP/1.1", "abc", "end"]),
            ("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", ["POST /a HTTP/1.1", "end"]),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1A\r\n\("z".repeated(26))\r\n0\r\n\r\n",
                ["HTTP/1.1 200 OK", "abc" + "z".repeated(26), "end"]
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1\r\n\n\r\n0\r\nX-End: 1\r\nY: 2\r\n\r\n",
                ["HTTP/1.1 200 OK", "\n", "end"]
            ),
            (
                "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nxGET /b HTTP/1.1\r\n\r\n",
                ["POST /a HTTP/1.1", "x", "end", "GET /b HTTP/1.1", "end"]
            ),
        ])
    func reads(text: String, expected: [String]) {
        #expect(parts(of: text, step: text.utf8.count) == expected)
        #expect(parts(of: text, step: 1) == expected)
        #expect(parts(of: text, step: 7) == expected)
    }

    /// The first line of each head, and adjacent pieces of a body joined.
    private func parts(of text: String, step: Int) -> [String] {
        var reader = MessageReader()
        var parts: [String] = []
        var body = ""
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { piece in
                reader.read(piece) { part in
                    switch part {
                    case .head(let head): parts.append(String(head.startLine))
                    case .body(let bytes): body += String(decoding: bytes, as: UTF8.self)
                    case .end:
                        parts += body.isEmpty ? ["end"] : [body, "end"]
                        body = ""
                    }
                }
            }
        }
        return parts
    }
}

extension String {
    func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
