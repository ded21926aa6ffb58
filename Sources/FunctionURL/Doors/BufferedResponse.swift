import FoundationEssentials

/// A response that isn't streamed: one JSON document, as the caller sees it.
struct BufferedResponse: Equatable {
    /// The Runtime API's limit for a buffered response: 6 MiB and a little.
    static let limit = 6 * 1024 * 1024 + 100

    var head: ResponseHead
    var body: [UInt8]
}

extension BufferedResponse {
    /// - Parameters:
    ///   - contentType: for a response that names none.
    ///   - decodesBase64: if false, the caller gets the base64.
    init(
        _ head: ResponseHead, _ document: ResponseDocument, contentType: String, decodesBase64: Bool = true
    ) throws(Failure) {
        var head = head
        if head.headers.first("content-type") == nil {
            head.headers.append(HeaderField("content-type", contentType))
        }
        let text = document.body ?? ""
        if decodesBase64, document.isBase64Encoded ?? false {
            guard let decoded = Data(base64Encoded: text) else { throw .malformedResponse("its body is not base64") }
            self.init(head: head, body: [UInt8](decoded))
        } else {
            self.init(head: head, body: [UInt8](text.utf8))
        }
    }

    /// Reads a response of payload format 2.0. JSON without a `statusCode` is a body with status 200.
    ///
    /// - Parameter isStrict: refuses a document that has a `statusCode` and members of wrong types. Otherwise it is a
    ///   body, too.
    init(bare document: [UInt8], contentType: String, isStrict: Bool = false) throws(Failure) {
        guard let outline = try? JSONDecoder().decode(Outline.self, from: Data(document)) else {
            throw .malformedResponse("a buffered response must be JSON")
        }
        guard isStrict && outline.hasStatusCode || (try? ResponseDocument(document).prelude()) != nil else {
            // "If your function returns valid JSON and doesn't return a statusCode": the document is the body.
            let head = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/json")])
            self.init(head: head, body: document)
            return
        }
        let format = try ResponseDocument(document)
        try self.init(try ResponseHead(try format.prelude()), format, contentType: contentType)
    }

    /// Accepts any JSON document.
    private struct Outline: Decodable {
        let hasStatusCode: Bool

        private enum Key: CodingKey { case statusCode }

        init(from decoder: any Decoder) throws {
            hasStatusCode = (try? decoder.container(keyedBy: Key.self))?.contains(.statusCode) ?? false
        }
    }
}

/// The JSON of a response that isn't streamed: what a prelude has, and the body.
struct ResponseDocument {
    var statusCode: Int?
    var body: String?
    var isBase64Encoded: Bool?
    private var bytes: [UInt8] = []

    init(_ bytes: [UInt8]) throws(Failure) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            throw .malformedResponse("it is not the JSON {\"statusCode\", \"headers\", \"body\", \"isBase64Encoded\"}")
        }
        self.bytes = bytes
    }

    /// The status and headers. Doors that use this need a `statusCode`.
    func prelude() throws(Failure) -> Prelude {
        guard statusCode != nil else { throw .malformedResponse("it has no statusCode") }
        do {
            return try JSONDecoder().decode(Prelude.self, from: Data(bytes))
        } catch {
            throw .malformedResponse("its headers are not an object of texts")
        }
    }
}

extension ResponseDocument: Decodable {
    private enum CodingKeys: CodingKey { case statusCode, body, isBase64Encoded }
}
