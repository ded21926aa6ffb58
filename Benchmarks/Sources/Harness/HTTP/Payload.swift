import Foundation

/// The messages that the caller and the upstream send.
enum Payload {
    /// A chat request of about `promptBytes`, or an expensive body.
    static func request(_ work: Work) -> String {
        guard work.bodyForm == .prose else { return work.bodyForm.body(bytes: work.promptBytes, prose) }
        let prompt = prose(bytes: work.promptBytes)
        return """
            {"model":"bench","messages":[{"role":"user","content":\(work.isDistinct ? distinct(prompt) : prompt)}]\
            \(work.isStream ? ",\"stream\":true" : "")}
            """
    }

    /// Text with characters that JSON escapes, and escapes again inside an event.
    private static func prose(bytes: Int) -> String {
        let sentence = "She said: \"tokens — one by one\".\nA naïve reader may count them, and lose count at the end. "
        return quoted(String(repeating: sentence, count: bytes / sentence.utf8.count + 1))
    }

    /// The prompt with the time at its beginning, in a fixed number of digits.
    private static func distinct(_ prompt: String) -> String {
        var bytes = Array("\"\(Stamp.placeholder) \(prompt.dropFirst())".utf8)
        Stamp.write(Clock.now(), into: &bytes, at: 2)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The event of a function URL, payload format 2.0.
    static func event(body: String, key: String, requestID: Int) -> [UInt8] {
        Array(
            """
            {"version":"2.0","routeKey":"$default","rawPath":"/bench/v1/chat/completions","rawQueryString":"",\
            "headers":{"authorization":"Bearer \(key)","content-type":"application/json","accept":"*/*",\
            "user-agent":"OpenAI/Python 3.52.0","x-forwarded-for":"192.0.2.1","x-forwarded-port":"443",\
            "x-forwarded-proto":"https","host":"abcdefghijklmnop.lambda-url.us-east-1.on.aws",\
            "x-amzn-trace-id":"Root=1-67891233-abcdef012345678912345678","content-length":"\(body.utf8.count)"},\
            "requestContext":{"accountId":"anonymous","apiId":"abcdefghijklmnop",\
            "domainName":"abcdefghijklmnop.lambda-url.us-east-1.on.aws","domainPrefix":"abcdefghijklmnop",\
            "http":{"method":"POST","path":"/bench/v1/chat/completions","protocol":"HTTP/1.1","sourceIp":"192.0.2.1",\
            "userAgent":"OpenAI/Python 3.52.0"},"requestId":"\(requestID)","routeKey":"$default","stage":"$default",\
            "time":"21/Nov/2026:12:00:00 +0000","timeEpoch":1795262400000},"body":\(quoted(body)),"isBase64Encoded":false}
            """.utf8)
    }

    /// A whole answer, including its head, with a body of at least `bytes`.
    static func plainAnswer(bytes: Int) -> [UInt8] {
        let body = """
            {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":\
            {"role":"assistant","content":"\(Stamp.placeholder)\(String(repeating: "x", count: bytes))"},\
            "finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
            """
        let head = """
            HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-request-id: req_bench\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n
            """
        return Array((head + body).utf8)
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let bytes = try? encoder.encode(text) else { preconditionFailure("a string is always JSON") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
