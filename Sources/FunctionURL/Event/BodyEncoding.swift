import FoundationEssentials

/// How a request body travels inside the event, which is JSON: as text or as base64.
enum BodyEncoding {
    /// The rule: text for `text/*`, `application/json`, `application/javascript` and `application/xml` without a
    /// content encoding, if the bytes are valid UTF-8; base64 for all else, so also without any content type.
    ///
    /// AWS documents only that "binary" bodies are base64. The list is what its Application Load Balancer documents
    /// and what was observed on HTTP APIs with payload 2.0 (ministackorg/ministack#766: forms are base64 too).
    /// Not valid UTF-8 can't be a JSON string, hence the last condition.
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
