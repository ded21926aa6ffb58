import YAML

/// The CORS configuration of a function URL. The names are AWS's.
///
/// https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
struct CORSConfiguration: Equatable, Sendable {
    var allowOrigins: [String] = []
    var allowMethods: [String] = []
    var allowHeaders: [String] = []
    var exposeHeaders: [String] = []
    var allowCredentials = false
    var maxAge: Int?

    // What differs between function URLs, which these are for, and HTTP APIs.
    var preflightStatus = 200
    /// Whether the caller's origin is sent instead of `*`.
    var echoesAnyOrigin = true
    /// Whether the function's own CORS headers are dropped.
    var replacesFunctionFields = false
}

extension CORSConfiguration {
    /// The response to a preflight, which AWS sends without invoking the function; nil if this isn't a preflight.
    ///
    /// An origin that isn't allowed gets a response without CORS headers, which makes the browser refuse.
    func preflightResponse(method: String, headers: [HeaderField]) -> ResponseHead? {
        guard method == "OPTIONS", let origin = headers.first("origin"),
            headers.first("access-control-request-method") != nil
        else { return nil }
        guard allows(origin) else { return ResponseHead(status: preflightStatus, headers: []) }
        var fields = originFields(origin)
        fields += Self.list("access-control-allow-methods", allowMethods)
        // The configured names, not the requested ones: here as on AWS, "*" does not cover Authorization (Fetch
        // standard).
        fields += Self.list("access-control-allow-headers", allowHeaders)
        fields += Self.list("access-control-expose-headers", exposeHeaders)
        if let maxAge {
            fields.append(HeaderField("access-control-max-age", String(maxAge)))
        }
        return ResponseHead(status: preflightStatus, headers: fields)
    }

    /// The headers that AWS adds to a response. They don't replace the function's own CORS headers, so duplicate and
    /// conflicting ones reach the browser ("including duplicates", says AWS's page on function URLs).
    func responseFields(origin: String?) -> [HeaderField] {
        guard let origin, allows(origin) else { return [] }
        return originFields(origin) + Self.list("access-control-expose-headers", exposeHeaders)
    }

    private func allows(_ origin: String) -> Bool {
        allowOrigins.contains("*") || allowOrigins.contains { $0.lowercased() == origin.lowercased() }
    }

    /// A function URL returns the caller's origin even if `*` is configured
    /// (aws-powertools/powertools-lambda-python#4163).
    private func originFields(_ origin: String) -> [HeaderField] {
        if !echoesAnyOrigin, allowOrigins.contains("*") { return [HeaderField("access-control-allow-origin", "*")] }
        let fields = [HeaderField("access-control-allow-origin", origin), HeaderField("vary", "Origin")]
        return allowCredentials ? fields + [HeaderField("access-control-allow-credentials", "true")] : fields
    }

    private static func list(_ name: String, _ values: [String]) -> [HeaderField] {
        values.isEmpty ? [] : [HeaderField(name, values.joined(separator: ","))]
    }
}

/// The part of a SAM template that is used here: the CORS block of its function URL.
struct Template: Equatable {
    /// Nil if the template configures no CORS.
    var cors: CORSConfiguration?
    /// Each warning names the line of a value that can't be used.
    var warnings: [String] = []

    init(_ text: [UInt8]) throws(YAMLError) {
        guard let root = try YAMLParser.parse(text), let block = Self.corsBlock(in: root) else { return }
        var configuration = CORSConfiguration()
        for entry in block.members {
            let values = values(of: entry, parameters: root["Parameters"])
            switch entry.key {
            case "AllowOrigins": configuration.allowOrigins = values
            case "AllowMethods": configuration.allowMethods = values
            case "AllowHeaders": configuration.allowHeaders = values
            case "ExposeHeaders": configuration.exposeHeaders = values
            case "AllowCredentials": configuration.allowCredentials = values.first?.lowercased() == "true"
            case "MaxAge": configuration.maxAge = values.first.flatMap { Int($0) }
            default: warnings.append("line \(entry.value.line): Cors has no property \(entry.key)")
            }
        }
        cors = configuration
    }

    /// Looks for the first function with a Cors block, then in the globals of all functions, then for a URL that is a
    /// separate resource.
    private static func corsBlock(in root: YAMLNode) -> YAMLNode? {
        let properties = (root["Resources"]?.members ?? []).compactMap { $0.value["Properties"] }
        return properties.compactMap { $0["FunctionUrlConfig"]?["Cors"] }.first
            ?? root["Globals"]?["Function"]?["FunctionUrlConfig"]?["Cors"]
            ?? properties.filter { $0["TargetFunctionArn"] != nil }.compactMap { $0["Cors"] }.first
    }

    /// The values of a property. A `!Ref` to a parameter is replaced by the parameter's default.
    private mutating func values(of entry: YAMLNode.Member, parameters: YAMLNode?) -> [String] {
        var items = [entry.value]
        if case .sequence(let list) = entry.value.value, entry.value.tag.isEmpty { items = list }
        return items.flatMap { item -> [String] in
            switch (item.tag, item.value) {
            case ("", .scalar(let text, _)):
                return [text]
            case ("!Ref", .scalar(let name, _)):
                if case .scalar(let text, _) = parameters?[name]?["Default"]?.value {
                    return text.split(separator: ",").map { String($0.drop { $0 == " " }) }
                }
                warnings.append("line \(item.line): !Ref \(name) has no default, so \(entry.key) lacks it here")
                return []
            default:
                warnings.append("line \(item.line): only plain values and !Ref are understood in \(entry.key)")
                return []
            }
        }
    }
}
