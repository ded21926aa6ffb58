/// An HTTP API of API Gateway: payload format 2.0, the route and stage `$default`. It never streams.
///
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
struct HTTPAPIDoor: Door {
    let title = "HTTP API"
    /// The largest value of the integration's timeout, and its default.
    var timeLimit: Double? = 30
    /// What a JWT authorizer found in the caller's token.
    var claims: JSON?

    /// An HTTP API answers preflights with 204, names `*` as the allowed origin if it is configured, and drops the CORS
    /// headers of the function.
    ///
    /// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    func cors(_ template: CORSConfiguration) -> CORSConfiguration? {
        var configuration = template
        configuration.preflightStatus = 204
        configuration.echoesAnyOrigin = false
        configuration.replacesFunctionFields = true
        return configuration
    }

    func event(of request: CallerRequest, _ arrival: Arrival) throws -> [UInt8] {
        try event(request, arrival).encodedEvent()
    }

    func event(_ request: CallerRequest, _ arrival: Arrival) -> EventV2 {
        EventV2(
            request, arrival, account: localAccount, domain: arrival.apiDomain, path: Self.path(of: request),
            authorizer: claims.map { ["jwt": ["claims": $0, "scopes": nil]] })
    }

    /// An HTTP API decodes the path, even what `rawPath` is made of, and cuts it at a decoded question mark
    /// (honojs/hono#2156, middleapi/standard-server#93).
    private static func path(of request: CallerRequest) -> String {
        String(PercentEncoding.decode(request.rawPath[...].utf8, plusIsSpace: false).prefix { $0 != "?" })
    }

    func fields(requestID: String) -> [HeaderField] { [HeaderField("apigw-requestid", requestID)] }

    func response(_ document: [UInt8], accept: String?) throws(Failure) -> BufferedResponse {
        try BufferedResponse(bare: document, contentType: "text/plain;charset=UTF-8", isStrict: true)
    }

    func answer(to failure: Failure) -> (head: ResponseHead, body: [UInt8]) {
        switch failure {
        case .requestTooLarge: Failure.answer(413, #"{"message":"Request Entity Too Large"}"#)
        case .throttled, .doorTimedOut: Failure.answer(503, #"{"message":"Service Unavailable"}"#)
        default: Failure.answer(500, #"{"message":"Internal Server Error"}"#)
        }
    }
}
