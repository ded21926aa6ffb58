import FoundationEssentials

/// A complete request to the function URL.
struct CallerRequest: Equatable, Sendable {
    var method: String
    /// The request target as in the request line: path and query, not decoded.
    var target: String
    var version: String = "HTTP/1.1"
    var headers: [HeaderField] = []
    var body: [UInt8] = []
    var sourceIP: String = "127.0.0.1"
    var port: Int = 9000

    var rawPath: String {
        let path = String(originForm.prefix { $0 != "?" })
        return path.isEmpty ? "/" : path
    }

    var rawQueryString: String {
        originForm.firstIndex(of: "?").map { String(originForm[$0...].dropFirst()) } ?? ""
    }

    /// The headers that a door adds to the caller's, in place of those of the same names.
    ///
    /// Always the listener's values, whatever the caller sent. AWS says https and 443. Here they are the actual scheme
    /// and port, so links that a function builds from them work.
    func forwardingFields(traceID: String) -> [HeaderField] {
        [
            HeaderField("X-Forwarded-For", sourceIP), HeaderField("X-Forwarded-Proto", "http"),
            HeaderField("X-Forwarded-Port", String(port)), HeaderField("X-Amzn-Trace-Id", traceID),
        ]
    }

    /// The request line may contain the whole URL, as for a forward proxy (RFC 9112, section 3.2.2).
    private var originForm: Substring {
        guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else {
            return target[...]
        }
        let authority = target[scheme.upperBound...]
        guard let path = authority.firstIndex(where: { $0 == "/" || $0 == "?" }) else { return "" }
        return authority[path...]
    }
}

/// The query of a URL as AWS passes it to a function.
enum QueryParameters {
    /// Payload format 2.0: decoded, and the values of a repeated name joined by commas.
    static func parse(_ query: String) -> [String: String] {
        values(query).mapValues { $0.joined(separator: ",") }
    }

    /// Every value of every name, in order.
    /// - Parameter isDecoded: false for a load balancer, which leaves names and values as they are in the URL.
    static func values(_ query: String, isDecoded: Bool = true) -> [String: [String]] {
        let read =
            isDecoded ? { PercentEncoding.decode($0, plusIsSpace: true) } : { String(decoding: $0, as: UTF8.self) }
        var parameters: [String: [String]] = [:]
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            parameters[read(parts[0]), default: []].append(parts.count > 1 ? read(parts[1]) : "")
        }
        return parameters
    }

}

enum PercentEncoding {
    /// Decodes `%XX`. A percent sign without two digits after it stands for itself.
    ///
    /// - Parameter plusIsSpace: true in a query.
    static func decode(_ text: Substring.UTF8View, plusIsSpace: Bool) -> String {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = Self.hexPair(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexPair(_ text: Substring.UTF8View) -> UInt8? {
        let digits = text.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
        return digits.count == 2 ? UInt8(digits[0] * 16 + digits[1]) : nil
    }
}

/// How a request body is written in the event, which is JSON: as text or as base64.
enum BodyEncoding {
    /// The rule: text for `text/*`, `application/json`, `application/javascript` and `application/xml` without a
    /// content encoding, if the bytes are valid UTF-8; base64 for everything else, also without a content type.
    ///
    /// AWS documents only that "binary" bodies are base64. The list of types is documented for its Application Load
    /// Balancer, and was observed on HTTP APIs with payload 2.0 (ministackorg/ministack#766: forms are base64 too).
    /// Invalid UTF-8 can't be in a JSON string, hence the last condition.
    static func encode(_ body: [UInt8], headers: [HeaderField]) -> (text: String, isBase64: Bool) {
        if headers.first("content-encoding") == nil, Self.isText(headers.first("content-type") ?? ""),
            let text = String(validating: body, as: UTF8.self)
        {
            return (text, false)
        }
        return (Data(body).base64EncodedString(), true)
    }

    private static func isText(_ contentType: String) -> Bool {
        let mediaType = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        return mediaType.hasPrefix("text/") || textTypes.contains(mediaType)
    }
}

private let textTypes: Set<String> = ["application/json", "application/javascript", "application/xml"]
