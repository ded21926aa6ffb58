import FoundationEssentials

/// The event that a function URL passes to its function: payload format 2.0.
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

extension FunctionURLEvent {
    /// Makes the event of a request. The ids and the time are parameters.
    init(_ request: CallerRequest, requestID: String, traceID: String, epochMilliseconds: Int, region: String) {
        let body = BodyEncoding.encode(request.body, headers: request.headers)
        let query = QueryParameters.parse(request.rawQueryString)
        let cookies = request.headers.values(of: "cookie").flatMap(Self.cookies)
        self.rawPath = request.rawPath
        self.rawQueryString = request.rawQueryString
        self.cookies = cookies.isEmpty ? nil : cookies
        self.headers = Self.headers(of: request, traceID: traceID)
        queryStringParameters = query.isEmpty ? nil : query
        requestContext = RequestContext(
            apiId: urlID,
            domainName: "\(urlID).lambda-url.\(region).on.aws",
            domainPrefix: urlID,
            http: HTTP(
                method: request.method, path: request.rawPath, protocol: request.version, sourceIp: request.sourceIP,
                userAgent: request.headers.first("user-agent") ?? ""),
            requestId: requestID,
            time: Self.accessLogTime(epochMilliseconds),
            timeEpoch: epochMilliseconds)
        self.body = request.body.isEmpty ? nil : body.text
        isBase64Encoded = request.body.isEmpty ? false : body.isBase64
    }

    /// The event as the Runtime API sends it.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
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
        // Always the listener's values, whatever the caller sent. AWS says https and 443. Here they are the actual
        // scheme and port, so links that a function builds from them work.
        headers["x-forwarded-for"] = request.sourceIP
        headers["x-forwarded-proto"] = "http"
        headers["x-forwarded-port"] = String(request.port)
        headers["x-amzn-trace-id"] = traceID
        return headers
    }

    private static func cookies(in value: String) -> [String] {
        value.split(separator: ";").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
    }

    /// The time in the format of access logs, `12/Mar/2020:19:03:58 +0000`, always in UTC.
    private static func accessLogTime(_ epochMilliseconds: Int) -> String {
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        let date = Date(timeIntervalSince1970: Double(epochMilliseconds / 1000))
        let parts = utc.dateComponents([.day, .month, .year, .hour, .minute, .second], from: date)
        let two = { (part: Int?) in String(100 + (part ?? 0)).dropFirst() }
        let month = monthNames[(parts.month ?? 1) - 1]
        let clock = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(two(parts.day))/\(month)/\(parts.year ?? 1970):\(clock) +0000"
    }
}

/// On AWS this is derived from the account.
private let urlID = "local"

private let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
