/// The parts of an HTTP message's head that the harness needs.
struct MessageHead {
    /// `GET /path HTTP/1.1`, or `HTTP/1.1 200 OK`.
    let startLine: Substring
    let isChunked: Bool
    let contentLength: Int?

    init(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
        startLine = lines.first ?? ""
        var isChunked = false
        var contentLength: Int?
        for line in lines.dropFirst() {
            let parts = line.lowercased().split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].drop { $0 == " " }
            if parts[0] == "content-length" { contentLength = Int(value) }
            if parts[0] == "transfer-encoding" { isChunked = value == "chunked" }
        }
        self.isChunked = isChunked
        self.contentLength = contentLength
    }

    var target: Substring { startLine.split(separator: " ").dropFirst().first ?? "" }
    var isResponse: Bool { startLine.hasPrefix("HTTP/") }
    /// The status of a response.
    var status: Int { Int(target) ?? 0 }
}
