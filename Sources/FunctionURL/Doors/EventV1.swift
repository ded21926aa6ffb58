import FoundationEssentials

/// The event of payload format 1.0, which REST APIs pass to their functions.
///
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
enum EventV1 {
    private static let stage = "prod"

    /// - Parameter isBinary: whether the body is sent as base64. A body that is sent as text loses the bytes that aren't
    ///   UTF-8, as on AWS.
    static func make(_ request: CallerRequest, _ arrival: Arrival, isBinary: Bool, authorizer: JSON?) -> JSON {
        // The API has the resources `/` and `/{proxy+}`, each with the method ANY.
        let proxy = request.rawPath == "/" ? nil : String(request.rawPath.trimmingPrefix("/"))
        let resource = proxy == nil ? "/" : "/{proxy+}"
        let headers = headers(of: request, arrival)
        let query = QueryParameters.values(request.rawQueryString)
        return [
            "resource": .string(resource),
            "path": .string(request.rawPath),
            "httpMethod": .string(request.method),
            "headers": JSON(headers.lastValues),
            "multiValueHeaders": JSON(headers),
            "queryStringParameters": query.isEmpty ? nil : JSON(query.lastValues),
            "multiValueQueryStringParameters": query.isEmpty ? nil : JSON(query),
            "pathParameters": proxy.map { ["proxy": .string($0)] } ?? nil,
            "stageVariables": nil,
            "requestContext": context(request, arrival, resource: resource, authorizer: authorizer),
            "body": request.body.isEmpty ? nil : .string(text(of: request.body, isBinary: isBinary)),
            "isBase64Encoded": .bool(isBinary && !request.body.isEmpty),
        ]
    }

    private static func context(
        _ request: CallerRequest, _ arrival: Arrival, resource: String, authorizer: JSON?
    ) -> JSON {
        var context: [String: JSON] = [
            "accountId": .string(localAccount),
            "apiId": .string(localID),
            "domainName": .string(arrival.apiDomain),
            "domainPrefix": .string(localID),
            "extendedRequestId": .string(arrival.requestID),
            "httpMethod": .string(request.method),
            "identity": identity(request, arrival.apiKey),
            "path": .string("/\(stage)\(request.rawPath)"),
            "protocol": .string(request.version),
            "requestId": .string(arrival.requestID),
            "requestTime": .string(arrival.accessLogTime),
            "requestTimeEpoch": .int(arrival.epochMilliseconds),
            "resourceId": .string(localID),
            "resourcePath": .string(resource),
            "stage": .string(stage),
        ]
        context["authorizer"] = authorizer
        return .object(context)
    }

    /// The members of IAM and of Cognito's identity pools are null for other callers. Those of a key are absent if the
    /// method needs none.
    private static func identity(_ request: CallerRequest, _ key: APIKey?) -> JSON {
        var identity: [String: JSON] = [
            "accessKey": nil, "accountId": nil, "caller": nil, "cognitoAuthenticationProvider": nil,
            "cognitoAuthenticationType": nil, "cognitoIdentityId": nil, "cognitoIdentityPoolId": nil,
            "principalOrgId": nil, "user": nil, "userArn": nil,
            "sourceIp": .string(request.sourceIP),
            "userAgent": JSON(request.headers.first("user-agent")),
        ]
        identity["apiKey"] = key.map { .string($0.value) }
        identity["apiKeyId"] = key.map { .string($0.id) }
        return .object(identity)
    }

    private static func headers(of request: CallerRequest, _ arrival: Arrival) -> [String: [String]] {
        request.headers.withoutHopByHop.filter { $0.name.lowercased() != "expect" }
            .replacing(with: request.forwardingFields(traceID: arrival.traceID)).valuesByName
    }

    private static func text(of body: [UInt8], isBinary: Bool) -> String {
        isBinary ? Data(body).base64EncodedString() : String(decoding: body, as: UTF8.self)
    }
}

extension [String: [String]] {
    /// The last value of each name: what an event holds that has room for one.
    var lastValues: [String: String] { compactMapValues(\.last) }
}
