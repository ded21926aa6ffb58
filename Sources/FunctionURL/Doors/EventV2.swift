/// The event of payload format 2.0, which function URLs and HTTP APIs pass to their functions.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
struct EventV2: Encodable, Equatable {
    struct RequestContext: Encodable, Equatable {
        var accountId: String
        var apiId = localID
        var authorizer: JSON?
        var domainName: String
        var domainPrefix = localID
        var http: HTTP
        var requestId: String
        var routeKey = "$default"
        var stage = "$default"
        var time: String
        var timeEpoch: Int
    }

    struct HTTP: Encodable, Equatable {
        var method: String
        var path: String
        var `protocol`: String
        var sourceIp: String
        var userAgent: String
    }

    var version = "2.0"
    var routeKey = "$default"
    var rawPath: String
    var rawQueryString: String
    var cookies: [String]?
    var headers: [String: String]
    var queryStringParameters: [String: String]?
    var requestContext: RequestContext
    var body: String?
    var isBase64Encoded: Bool
}

extension EventV2 {
    /// - Parameters:
    ///   - account: the caller's account at a function URL, the owner's at an HTTP API.
    ///   - domain: tells the two apart.
    ///   - path: decoded at an HTTP API.
    init(
        _ request: CallerRequest, _ arrival: Arrival, account: String, domain: String, path: String,
        authorizer: JSON? = nil
    ) {
        let body = BodyEncoding.encode(request.body, headers: request.headers)
        let query = QueryParameters.parse(request.rawQueryString)
        let cookies = request.headers.values(of: "cookie").flatMap(Self.cookies)
        self.rawPath = path
        self.rawQueryString = request.rawQueryString
        self.cookies = cookies.isEmpty ? nil : cookies
        self.headers = Self.headers(of: request, traceID: arrival.traceID)
        queryStringParameters = query.isEmpty ? nil : query
        requestContext = RequestContext(
            accountId: account, authorizer: authorizer, domainName: domain,
            http: HTTP(
                method: request.method, path: path, protocol: request.version, sourceIp: request.sourceIP,
                userAgent: request.headers.first("user-agent") ?? ""),
            requestId: arrival.requestID, time: arrival.accessLogTime, timeEpoch: arrival.epochMilliseconds)
        self.body = request.body.isEmpty ? nil : body.text
        isBase64Encoded = request.body.isEmpty ? false : body.isBase64
    }

    private static func headers(of request: CallerRequest, traceID: String) -> [String: String] {
        // AWS moves cookies to their own list, and handles `expect` itself.
        let moved: Set<String> = ["cookie", "expect"]
        var headers: [String: String] = [:]
        for field in request.headers.withoutHopByHop where !moved.contains(field.name.lowercased()) {
            let name = field.name.lowercased()
            headers[name] = headers[name].map { $0 + "," + field.value } ?? field.value
        }
        if !request.body.isEmpty {
            headers["content-length"] = String(request.body.count)
        }
        for field in request.forwardingFields(traceID: traceID) {
            headers[field.name.lowercased()] = field.value
        }
        return headers
    }

    private static func cookies(in value: String) -> [String] {
        value.split(separator: ";").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }
}
