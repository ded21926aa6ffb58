import FoundationEssentials

/// A response that isn't streamed: one JSON document, interpreted as by function URLs.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
struct BufferedResponse: Equatable {
    /// The Runtime API's limit for a buffered response: 6 MiB and a little.
    static let limit = 6 * 1024 * 1024 + 100

    var head: ResponseHead
    var body: [UInt8]

    init(_ document: [UInt8]) throws(Failure) {
        let data = Data(document)
        guard (try? JSONDecoder().decode(AnyJSON.self, from: data)) != nil else {
            throw .malformedResponse("a buffered response must be JSON")
        }
        let format = try? JSONDecoder().decode(Format.self, from: data)
        guard let format, format.statusCode != nil, let prelude = try? JSONDecoder().decode(Prelude.self, from: data)
        else {
            // "If your function returns valid JSON and doesn't return a statusCode": the document is the body.
            head = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/json")])
            body = document
            return
        }
        head = try ResponseHead(prelude)
        if head.headers.first("content-type") == nil {
            head.headers.append(HeaderField("content-type", "application/json"))
        }
        let text = format.body ?? ""
        if format.isBase64Encoded ?? false {
            guard let decoded = Data(base64Encoded: text) else { throw .malformedResponse("its body is not base64") }
            body = [UInt8](decoded)
        } else {
            body = [UInt8](text.utf8)
        }
    }

    private struct Format: Decodable {
        var statusCode: Int?
        var body: String?
        var isBase64Encoded: Bool?
    }

    /// Accepts any JSON document and stores nothing.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
