/// A Regional REST API of API Gateway with a proxy integration: payload format 1.0, the stage `prod`.
struct RESTDoor: Door {
    /// The integration's `ResponseTransferMode`: `STREAM`, or else `BUFFERED`.
    let streams: Bool
    let title = "REST API"
    let timeLimit: Double?
    /// The media types that reach the function as base64, and that its base64 is decoded for: `*/*` for all.
    var binaryMediaTypes: [String] = []
    /// What an authorizer found in the caller's token.
    var claims: JSON?

    /// - Parameter timeLimit: in seconds; the integration's default in each mode unless given. A stream has up to 15
    ///   minutes, which is Lambda's own limit.
    init(streams: Bool, timeLimit: Double? = nil) {
        self.streams = streams
        self.timeLimit = timeLimit ?? (streams ? nil : 29)
    }

    var runtimeVariables: [String: String] {
        ["PROXY_FUNCTION_URL": "none", "PROXY_REST_TRANSFER": streams ? "stream" : "buffer"]
    }

    func event(of request: CallerRequest, _ arrival: Arrival) throws -> [UInt8] {
        try event(request, arrival).encodedEvent()
    }

    func event(_ request: CallerRequest, _ arrival: Arrival) -> JSON {
        EventV1.make(
            request, arrival, isBinary: isBinary(request.headers.first("content-type")),
            authorizer: claims.map { ["claims": $0] })
    }

    /// A stream needs the prelude, but not the content type that announces one to function URLs. Without
    /// `ResponseTransferMode` a stream loses its body: status and headers arrive, and nothing is logged on AWS.
    ///
    /// https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
    func reading(of format: ResponseAssembly.Format) -> ResponseAssembly.Reading {
        if streams { return .prelude }
        return format == .buffered ? .document : .headOnly
    }

    func head(_ prelude: Prelude) throws(Failure) -> ResponseHead {
        if let name = prelude.otherMembers.first {
            throw .malformedResponse("its prelude has the member \"\(name)\", which REST APIs refuse")
        }
        return remapped(try ResponseHead(prelude.mergingMultiValueHeaders()))
    }

    func response(_ document: [UInt8], accept: String?) throws(Failure) -> BufferedResponse {
        let format = try ResponseDocument(document)
        var prelude = try format.prelude().mergingMultiValueHeaders()
        prelude.cookies = []
        // Only the first media type of Accept counts, and an exact match.
        let first = accept?.prefix { $0 != "," }
        let head = remapped(try ResponseHead(prelude))
        return try BufferedResponse(
            head, format, contentType: "application/json", decodesBase64: isBinary(first.map(String.init)))
    }

    /// Lambda's refusals become 500, and the function's failures 502. A stream that isn't in the format is 500, too.
    ///
    /// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
    func answer(to failure: Failure) -> (head: ResponseHead, body: [UInt8]) {
        switch failure {
        case .requestTooLarge:
            Failure.answer(413, #"{"message":"Request Too Long"}"#, errorType: "RequestTooLargeException")
        case .doorTimedOut: Failure.answer(504, #"{"message": "Endpoint request timed out"}"#)
        case .refused(let refusal):
            Failure.answer(refusal.status, "{\"message\":\"\(refusal.message)\"}", errorType: refusal.errorType)
        case .throttled: internalError(500)
        case .malformedResponse, .wrongResponseMode, .truncated: internalError(streams ? 500 : 502)
        default: internalError(502)
        }
    }

    private func internalError(_ status: Int) -> (head: ResponseHead, body: [UInt8]) {
        let body = #"{"message": "Internal server error"}"#
        return Failure.answer(status, body, errorType: "InternalServerErrorException")
    }

    private func isBinary(_ mediaType: String?) -> Bool {
        let type = (mediaType ?? "").prefix { $0 != ";" && $0 != " " }.lowercased()
        return binaryMediaTypes.contains { $0 == "*/*" || $0.lowercased() == type }
    }

    /// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
    private func remapped(_ head: ResponseHead) -> ResponseHead {
        var head = head
        head.headers = head.headers.map { field in
            remappedNames.contains(field.name.lowercased())
                ? HeaderField("x-amzn-remapped-\(field.name.lowercased())", field.value) : field
        }
        return head
    }
}

private let remappedNames: Set<String> = [
    "authorization", "content-md5", "date", "host", "server", "user-agent", "www-authenticate",
]
