/// The event that a function URL hands to its function: payload format 2.0.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
struct FunctionURLEvent: Encodable, Equatable {
    struct RequestContext: Encodable, Equatable {
        var accountId = "anonymous"
        var apiId: String
        var domainName: String
        var domainPrefix: String
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
