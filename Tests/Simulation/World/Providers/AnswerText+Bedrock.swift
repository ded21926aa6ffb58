import CZlib

/// The bodies of Bedrock's Converse, whose streams have binary messages.
extension AnswerText {
    /// A stream of Converse. Its end are the messages `messageStop` and `metadata`.
    static func converseStream(_ style: Style, chunks: Int, withUsage: Bool) -> AnswerText {
        let filler = style.filler
        var parts = [message("event", "messageStart", "{\"role\":\"assistant\"}")]
        for index in 0..<chunks {
            let text = "\"q\(style.question).\(index)\(filler) \""
            parts.append(
                message("event", "contentBlockDelta", "{\"contentBlockIndex\":0,\"delta\":{\"text\":\(text)}}"))
        }
        parts.append(message("event", "contentBlockStop", "{\"contentBlockIndex\":0}"))
        parts.append(message("event", "messageStop", "{\"stopReason\":\"end_turn\"}"))
        let usage = withUsage ? "\(usage(10 + style.question, chunks, .converse))," : ""
        parts.append(message("event", "metadata", "{\(usage)\"metrics\":{\"latencyMs\":1}}"))
        let error = "{\"message\":\"call-\(style.call). the model is tired\"}"
        return AnswerText(parts: parts, failure: message("exception", "modelStreamErrorException", error))
    }

    /// A response of Converse that isn't a stream.
    static func converse(_ style: Style, withUsage: Bool) -> AnswerText {
        let text = "q\(style.question). \(style.filler)"
        let usage = withUsage ? ",\(usage(10 + style.question, 3, .converse))" : ""
        let output = "{\"message\":{\"role\":\"assistant\",\"content\":[{\"text\":\"\(text)\"}]}}"
        return AnswerText(parts: [Array("{\"output\":\(output),\"stopReason\":\"end_turn\"\(usage)}".utf8)])
    }

    /// A message of an event stream: https://smithy.io/2.0/aws/amazon-eventstream.html
    private static func message(_ kind: String, _ name: String, _ payload: String) -> [UInt8] {
        let headers = [(":message-type", kind), (":\(kind)-type", name)].flatMap { name, value -> [UInt8] in
            [UInt8(name.utf8.count)] + Array(name.utf8) + [7, 0, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        var bytes = number(16 + headers.count + payload.utf8.count) + number(headers.count)
        bytes += number(checksum(of: bytes))
        bytes += headers
        bytes += payload.utf8
        return bytes + number(checksum(of: bytes))
    }

    private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(value >> $0 & 0xFF) } }

    private static func checksum(of bytes: [UInt8]) -> Int { Int(crc32(0, bytes, uInt(bytes.count))) }
}

/// What has been sent of a stream of Converse.
struct ConverseView {
    /// The pieces of text.
    private(set) var texts: [ArraySlice<UInt8>] = []
    /// Whether the model has come to its end.
    private(set) var hasStopped = false
    private(set) var hasMetadata = false
    private(set) var hasUsage = false
    private(set) var hasFailed = false
    /// Whether not even one message was sent.
    private(set) var isEmpty = true
    /// Whether the end of a message is missing.
    private(set) var isInsideMessage = false

    init(_ bytes: [UInt8]) {
        var start = 0
        // Nothing behind the end is passed on.
        while start < bytes.count, !hasFailed, !(hasMetadata && hasStopped) {
            let length = bytes[start...].prefix(4).reduce(0) { $0 << 8 | Int($1) }
            guard bytes.count >= start + max(4, length) else {
                isInsideMessage = true
                return
            }
            read(Array(bytes[start..<(start + length)]))
            start += length
        }
    }

    private mutating func read(_ message: [UInt8]) {
        isEmpty = false
        if let text = message.text(behind: "\"text\":\"") { texts.append(text) }
        if message.hasText("messageStop") { hasStopped = true }
        if message.hasText("metadata") { (hasMetadata, hasUsage) = (true, message.hasText("\"usage\"")) }
        if message.hasText("exception") { hasFailed = true }
    }
}

/// How Bedrock refuses a request, and what the proxy makes of it: docs/bedrock.md, "Errors".
enum BedrockRefusal {
    /// In OpenAI's terms.
    static func status(for status: Int) -> Int {
        switch status {
        case 300..<400, 400, 403, 404, 413, 429, 500, 503, 504: status
        case 408: 504
        default: 502
        }
    }

    /// Whether only the proxy's owner can correct it, so that it isn't asked for again.
    static func isForOwner(_ status: Int) -> Bool { status == 401 || status == 403 }

    /// The value of `x-amzn-errortype`; nil if the status has to say it.
    static func errorType(of status: Int) -> String? {
        switch status {
        case 400: "ValidationException"
        case 401: "UnrecognizedClientException"
        case 403: "AccessDeniedException"
        case 404: "ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.bedrock/"
        case 408: "ModelTimeoutException"
        case 429: "ThrottlingException"
        case 500: "InternalServerException"
        case 503: "ServiceUnavailableException"
        default: nil
        }
    }
}
