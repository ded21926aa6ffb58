import HTTPTypes

/// The path of a server's base URL, which clients append to the proxy's address.
enum BaseURL {
    static func path(of server: Server) -> String {
        // Behind a reverse proxy the path is the provider's own, with or without `/v1`.
        root(server.name) + (server.isReverseProxy ? "" : "/v1")
    }

    /// `/<server>`, as it is written in a URL.
    static func root(_ server: String) -> String {
        let percent = UInt8(ascii: "%")
        let name = server.utf8.flatMap { $0 == percent ? [percent, UInt8(ascii: "2"), UInt8(ascii: "5")] : [$0] }
        return "/" + RequestTarget.Segment.encoded(name, isQuery: false)
    }

    /// - Parameters:
    ///   - server: nil for the address that all servers share.
    ///   - path: the requested path after the server's name.
    static func advice(_ server: String?, insteadOf path: String) -> String {
        let root = server.map { self.root($0) }
        // As Anthropic's SDK does.
        let appendsVersion = path.utf8.split(separator: UInt8(ascii: "/")).dropFirst().contains {
            $0.elementsEqual("v1".utf8)
        }
        let alternative = root.map { "or '\($0)'" } ?? "or by nothing"
        return "Set the client's base URL to this proxy's address followed by '\(root ?? "")/v1'"
            + (appendsVersion ? ", \(alternative) if the client appends '/v1' itself" : "")
            + ": the client appends the endpoint, such as '/chat/completions'."
    }
}

extension Server {
    func opens(_ path: [RequestTarget.Segment]) -> Bool { endpoints.contains { $0.matches(path) } }
}

extension [RequestTarget.Segment] {
    /// Whether the path repeats `/v1` or an endpoint. No provider has such a path, so no pattern opens it: it would be
    /// forwarded without being read.
    func repeatsBaseURL(_ method: HTTPRequest.Method) -> Bool {
        if first?.isNamed("v1") == true { return true }
        return Endpoint.standard.contains { endpoint in
            if endpoint.pattern.base(of: self)?.last?.isNamed("v1") == true { return true }
            guard let rest = endpoint.pattern.rest(of: self) else { return false }
            let isPost = endpoint.methods.contains(.post)
            if isPost, rest.first?.isNamed("v1") == true { return true }
            // `models` may be followed by any name.
            return Endpoint.standard.contains { $0.pattern.matches(rest) && (isPost || $0.methods.contains(method)) }
        }
    }

    /// Whether there is only an endpoint, without a base URL, or with one in which `/v1` is in capitals.
    var isEndpointAlone: Bool {
        let path = first?.isNamedAlmost("v1") == true ? Array(dropFirst()) : self
        return Endpoint.standard.contains { $0.pattern.base(of: path)?.isEmpty == true || $0.pattern.matches(path) }
    }

    /// Whether the client's base URL seems wrong: the path has another `/v1`, something before or after an endpoint, or
    /// an endpoint that is written with capital letters or spaces.
    func suggestsOtherBaseURL(of server: Server) -> Bool {
        contains { $0.isNamedAlmost("v1") }
            || Endpoint.standard.contains { endpoint in
                endpoint.pattern.base(of: self) != nil || endpoint.pattern.rest(of: self).map(server.opens) ?? false
            }
    }
}
