import HTTPTypes
import LambdaRuntime
import Transport

/// Answers browsers' preflight requests and names the origins whose pages may read responses, at front doors that leave
/// this to the function: https://fetch.spec.whatwg.org/#http-cors-protocol
struct CORS {
    /// Origins as browsers send them, or `*`.
    private let origins: [String]

    /// - Parameter origins: empty for no CORS headers at all.
    init(_ origins: [String]) { self.origins = origins }

    /// Sets the header fields of the response.
    /// - Returns: the answer to a preflight request; nil for other requests.
    func answer(_ request: HTTPEvent, through context: RequestContext) -> ProxyResponse? {
        guard context.door.leavesCORS, !origins.isEmpty, let origin = request.fields.value(of: .origin) else {
            return nil
        }
        let isAllowed = origins.contains { $0 == "*" || $0.utf8.elementsEqual(origin.utf8) }
        context.record.originFields = isAllowed ? Self.fields(for: origin) : [.vary: "Origin"]
        guard request.method == .options, request.fields.value(of: .accessControlRequestMethod) != nil else {
            return nil
        }
        context.record.operation = .preflight
        var fields = HTTPFields()
        if isAllowed {
            fields[.accessControlAllowMethods] = "*"
            // "*" would not cover Authorization.
            fields[.accessControlAllowHeaders] = request.fields.value(of: .accessControlRequestHeaders)
            fields[.accessControlMaxAge] = "86400"
        }
        // Like a function URL, a streaming integration may not deliver an empty body until the timeout.
        return .whole(Prelude(.noContent, fields: fields), context.door.streams ? [0x0A] : [])
    }

    private static func fields(for origin: String) -> HTTPFields {
        [.accessControlAllowOrigin: origin, .accessControlExposeHeaders: "*", .vary: "Origin"]
    }
}
