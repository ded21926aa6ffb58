import HTTPTypes
import Transport

/// Which of the caller's header fields travel up, and what the proxy adds.
enum RequestFields {
    /// Everything else stays here: keys, cookies, `x-forwarded-*`, `x-amz*`, hop-by-hop fields, SDK telemetry.
    static let allowed: [HTTPField.Name] = [
        .contentType, .accept, .userAgent, .known("openai-beta"), .known("traceparent"), .known("tracestate"),
    ]
    /// A reverse proxy carries a web page too. Its answers are passed on in whatever encoding the browser asked for.
    private static let allowedForPages: [HTTPField.Name] = [.acceptEncoding, .acceptLanguage]

    /// - Parameter trace: how Lambda's tracing knows the invocation; what the caller says of that doesn't count.
    static func rewrite(_ fields: HTTPFields, for route: Route, trace: String? = nil) -> HTTPFields {
        let server = route.server
        var output = HTTPFields()
        output.reserveCapacity(allowed.count + server.forwardHeaders.count + 4)
        for passing in [allowed, server.forwardHeaders, server.isReverseProxy ? allowedForPages : []] {
            for name in passing {
                if let value = fields.value(of: name) { output[name] = value }
            }
        }
        if let trace { output[.amazonTrace] = trace }
        if !server.isReverseProxy { output[.acceptEncoding] = "identity" }
        if case .json = route.body {
            output[.contentType] = json(fields.value(of: .contentType))
            // It has been read, so nothing was done to it.
            output[.contentEncoding] = nil
        } else if !route.expectsJSON, let encoding = fields.value(of: .contentEncoding) {
            output[.contentEncoding] = encoding
        }
        logIn(to: server, &output)
        return output
    }

    private static func logIn(to server: Server, _ fields: inout HTTPFields) {
        guard let token = server.token?.revealed else { return }
        if let header = server.authHeader {
            fields[header] = token
        } else {
            fields[.authorization] = "Bearer " + token
        }
    }

    /// The body has been read as JSON, so it is sent as JSON: curl says `x-www-form-urlencoded` when it isn't told.
    private static func json(_ type: String?) -> String {
        guard let type, type != "application/json", MediaType(type).isJSON else { return "application/json" }
        // In another encoding, such as UTF-7, the same bytes would be another text than the one that was checked.
        let parameters = type.utf8.split(separator: UInt8(ascii: ";")).dropFirst()
        let isUTF8 = parameters.allSatisfy { parameter in
            let letters = parameter.filter { $0 != 0x20 && $0 != 0x09 }.map { $0 | 0x20 }
            return letters.elementsEqual("charset=utf-8".utf8)
        }
        return isUTF8 && !type.utf8.contains(UInt8(ascii: ",")) ? type : "application/json"
    }
}
