/// An Application Load Balancer with the function as its target. It never streams.
///
/// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
struct LoadBalancerDoor: Door {
    let title = "Load balancer"
    /// Of the request and of the response, in bytes.
    static let limit = 1 << 20
    let bodyLimit = Self.limit
    /// The target group's attribute `lambda.multi_value_headers.enabled`: events and responses have lists of values.
    var hasMultiValueHeaders = false

    func event(of request: CallerRequest, _ arrival: Arrival) throws -> [UInt8] {
        try event(request, arrival).encodedEvent()
    }

    func event(_ request: CallerRequest, _ arrival: Arrival) -> JSON {
        let body = BodyEncoding.encode(request.body, headers: request.headers)
        let group = "arn:aws:elasticloadbalancing:\(arrival.region):\(localAccount):targetgroup/\(localID)/\(localID)"
        var event: [String: JSON] = [
            "requestContext": ["elb": ["targetGroupArn": .string(group)]],
            "httpMethod": .string(request.method),
            "path": .string(request.rawPath),
            "body": .string(request.body.isEmpty ? "" : body.text),
            "isBase64Encoded": .bool(!request.body.isEmpty && body.isBase64),
        ]
        let headers = headers(of: request, arrival)
        let query = QueryParameters.values(request.rawQueryString, isDecoded: false)
        if hasMultiValueHeaders {
            event["multiValueHeaders"] = JSON(headers)
            event["multiValueQueryStringParameters"] = JSON(query)
        } else {
            event["headers"] = JSON(headers.lastValues)
            event["queryStringParameters"] = JSON(query.lastValues)
        }
        return .object(event)
    }

    func fields(requestID: String) -> [HeaderField] { [] }

    func response(_ document: [UInt8], accept: String?) throws(Failure) -> BufferedResponse {
        guard document.count <= Self.limit else { throw .responseTooLarge(limit: Self.limit) }
        let format = try ResponseDocument(document)
        var prelude = try format.prelude()
        // The other form isn't read.
        if hasMultiValueHeaders { prelude.headers = prelude.multiValueHeaders }
        prelude.cookies = []
        return try BufferedResponse(try ResponseHead(prelude), format, contentType: "application/octet-stream")
    }

    func answer(to failure: Failure) -> (head: ResponseHead, body: [UInt8]) {
        failure == .requestTooLarge
            ? page(413, "Request Entity Too Large") : page(502, "Bad Gateway")
    }

    private func headers(of request: CallerRequest, _ arrival: Arrival) -> [String: [String]] {
        var added = request.forwardingFields(traceID: arrival.traceID)
        // A load balancer appends the caller's address to those that are there.
        let before = request.headers.values(of: "x-forwarded-for")
        added[0].value = (before + [request.sourceIP]).joined(separator: ", ")
        return request.headers.withoutHopByHop.filter { $0.name.lowercased() != "expect" }
            .replacing(with: added).map { HeaderField($0.name.lowercased(), $0.value) }.valuesByName
    }

    private func page(_ status: Int, _ phrase: String) -> (head: ResponseHead, body: [UInt8]) {
        let title = "\(status) \(phrase)"
        let lines = [
            "<html>", "<head><title>\(title)</title></head>", "<body>", "<center><h1>\(title)</h1></center>", "</body>",
            "</html>", "",
        ]
        let headers = [HeaderField("server", "awselb/2.0"), HeaderField("content-type", "text/html")]
        return (ResponseHead(status: status, headers: headers), [UInt8](lines.joined(separator: "\r\n").utf8))
    }
}
