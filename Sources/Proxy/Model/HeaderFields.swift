import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

extension HTTPField.Name {
    static let xAPIKey = known("x-api-key")
    static let apiKey = known("api-key")
    /// The upstream's, or ours if it sends none. SDKs show it with responses and errors.
    static let requestID = known("x-request-id")
    /// Always ours.
    static let proxyRequestID = known("x-proxy-request-id")
    /// The server that answered, and how many requests that took.
    static let proxyServer = known("x-proxy-server")
    static let proxyAttempts = known("x-proxy-attempts")
    /// Whether a stream has been collected, because it can't be sent as one.
    static let proxyStream = known("x-proxy-stream")
    /// What the cache did: RFC 9211, and in a word.
    static let cacheStatus = known("cache-status")
    static let cacheWord = known("x-cache")
    /// AWS X-Ray's trace.
    static let amazonTrace = known("x-amzn-trace-id")
    static let awsRequestID = known("x-amzn-requestid")
    static let bedrockInputTokens = known("x-amzn-bedrock-input-token-count")
    static let awsErrorType = known("x-amzn-errortype")
    static let shouldRetry = known("x-should-retry")
    static let retryAfterMilliseconds = known("retry-after-ms")
}

extension HTTPField.Name {
    static let accessControlRequestMethod = known("access-control-request-method")
    static let accessControlRequestHeaders = known("access-control-request-headers")
    static let accessControlAllowMethods = known("access-control-allow-methods")
    static let accessControlAllowHeaders = known("access-control-allow-headers")
    static let accessControlMaxAge = known("access-control-max-age")
    static let accessControlAllowOrigin = known("access-control-allow-origin")
    static let accessControlExposeHeaders = known("access-control-expose-headers")
}

extension Prelude {
    /// The `cache-control` of a response that depends on the caller's key. Shared caches leave out responses to
    /// requests with `Authorization` (RFC 9111, section 3.5), but a key may come in another field.
    static let noSharedCache = "private, no-store"
}

/// The part of a `Content-Type` that says what it is, without parameters and in lower case.
struct MediaType: Equatable {
    private let essence: String

    init(_ field: String?) {
        var letters: [UInt8] = []
        for byte in (field ?? "").utf8 {
            if byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") { break }
            guard byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") else { continue }
            letters.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
        }
        essence = String(decoding: letters, as: UTF8.self)
    }

    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }
    var isPage: Bool { essence == "text/html" }
    var isEventStream: Bool { essence == "text/event-stream" }
    var isAWSEventStream: Bool { essence == "application/vnd.amazon.eventstream" }

    /// Images, audio, video and fonts.
    var isMedia: Bool {
        !essence.hasSuffix("+xml") && ["image/", "audio/", "video/", "font/"].contains { essence.hasPrefix($0) }
    }

    /// Whether it can't be text, so it isn't searched for words.
    var isBinary: Bool {
        isMedia
            || ["application/octet-stream", "application/pdf", "application/zip", "application/gzip"].contains(essence)
    }
}

/// The codings in a `Content-Encoding` field.
enum ContentCoding {
    /// The names in IANA's HTTP Content Coding Registry, except `identity`. Other values that servers send (`none`,
    /// `utf-8`, `binary`) don't name an encoding that has to be undone.
    private static let names: [StaticString] = [
        "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip",
        "aes128gcm",
    ]

    /// The field, if one of the codings in its list changes the bytes of a body; otherwise nil.
    static func changingBytes(_ field: String?) -> String? {
        guard let field else { return nil }
        let codings = field.utf8.split(separator: UInt8(ascii: ","))
        let isReal = codings.contains { coding in
            let name = coding.prefix { $0 != UInt8(ascii: ";") }.withoutOuterBlanks
            return names.contains { name.elementsEqual($0.utf8Bytes, by: UInt8.isSameLetter) }
        }
        return isReal ? field : nil
    }
}

extension BidirectionalCollection<UInt8> {
    /// Without leading and trailing spaces, tabs and line ends, which HTTP doesn't count as part of a field's value.
    package var withoutOuterBlanks: SubSequence {
        guard let first = firstIndex(where: { !$0.isWhiteSpace }), let last = lastIndex(where: { !$0.isWhiteSpace })
        else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

extension UInt8 {
    /// Whether two letters are equal, ignoring case.
    static func isSameLetter(_ byte: UInt8, _ lowercase: UInt8) -> Bool {
        byte == lowercase || (0x41...0x5A).contains(byte) && byte | 0x20 == lowercase
    }

    /// A space, a tab or a line end.
    var isWhiteSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
