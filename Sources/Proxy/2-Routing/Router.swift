import HTTPTypes

/// Maps `/<server>/v1/<endpoint>?<query>` to `<url>/<endpoint>?<query>`.
struct Router {
    /// In the order of the table.
    private let servers: [UpstreamServer]

    init(_ table: ServerTable) { servers = table.servers.map { UpstreamServer($0) } }

    func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller
    ) throws(ProxyError) -> Route {
        let upstream = try upstream(target, for: caller)
        var route = try route(method, target, on: upstream)
        // Everything else (lists of models, files) belongs to one provider, so it has no fallbacks.
        guard case .json = route.body else { return route }
        guard !upstream.server.fallbacks.isEmpty else { return route }
        var seen: Set = [upstream.server.name]
        route.fallbacks = fallbacks(of: upstream, &seen) { other in
            guard caller.mayUse(other.server), !other.server.isReverseProxy else { return nil }
            return try? self.route(method, target, on: other)
        }
        return route
    }

    private func upstream(_ target: RequestTarget, for caller: Caller) throws(ProxyError) -> UpstreamServer {
        guard let upstream = servers.first(where: { target.segments.first?.isNamed($0.server.name) == true }) else {
            let name = target.segments.first?.decoded ?? ""
            throw .unknownServer(
                name, baseURLs: servers.filter { caller.mayUse($0.server) }.map { BaseURL.path(of: $0.server) })
        }
        guard caller.mayUse(upstream.server) else { throw caller.refusal(of: upstream.server) }
        return upstream
    }

    private func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, on upstream: UpstreamServer
    ) throws(ProxyError) -> Route {
        let server = upstream.server
        guard server.missingVariables.isEmpty else {
            throw .misconfigured(server: server.name, variables: server.missingVariables)
        }
        // Allowed only where it must be part of a model's name.
        guard !target.hasEncodedSlash || method == .get && !server.isReverseProxy else { throw .encodedSlash }
        guard !server.isReverseProxy else {
            return Route(upstream: upstream, pathAndQuery: target.opaquePathAndQuery, body: .opaque)
        }
        guard target.segments.count > 2, target.segments[1].isNamed("v1") else {
            throw .wrongBaseURL(server: server.name, path: target.decodedPathAfterFirst)
        }
        let path = Array(target.segments.dropFirst(2))
        let standard = Endpoint.standard.first { $0.pattern.matches(path) }
        if let standard, standard.methods.contains(method) {
            return Route(
                upstream: upstream, pathAndQuery: target.pathAndQuery, body: standard.rule(server),
                operation: standard.operation, streamEnd: standard.streamEnd,
                asksForUsage: standard.hasUsageOption && server.asksForUsage)
        }
        guard !path.repeatsBaseURL(method) else {
            throw .wrongBaseURL(server: server.name, path: target.decodedPathAfterFirst)
        }
        guard !server.opens(path) else {
            return Route(upstream: upstream, pathAndQuery: target.pathAndQuery, body: .opaque)
        }
        // `models/chat/completions` matches `models/*`, but its mistake is the base URL, not the method.
        guard standard.map({ $0.operation == .model }) ?? true, path.suggestsOtherBaseURL(of: server) else {
            throw standard.map { .methodNotAllowed(method, allowed: $0.methods) }
                ?? .endpointNotOpen(server: server.name, path: target.decodedPathAfterFirst)
        }
        throw .wrongBaseURL(server: server.name, path: target.decodedPathAfterFirst)
    }

    /// A server's fallbacks, each followed by its own. A server that can't take the request is skipped, but its
    /// fallbacks aren't.
    private func fallbacks(
        of upstream: UpstreamServer, _ seen: inout Set<String>, _ route: (UpstreamServer) -> Route?
    ) -> [Route] {
        var routes: [Route] = []
        for name in upstream.server.fallbacks where seen.insert(name).inserted {
            guard let other = servers.first(where: { $0.server.name == name }) else { continue }
            if var route = route(other) {
                route.isFallback = true
                routes.append(route)
            }
            routes += fallbacks(of: other, &seen, route)
        }
        return routes
    }
}

extension Endpoint {
    fileprivate func rule(_ server: Server) -> Route.BodyRule {
        methods.contains(.post) ? .json(model: takesModel ? server.model : nil) : .opaque
    }
}

extension Server {
    fileprivate func opens(_ path: [RequestTarget.Segment]) -> Bool { endpoints.contains { $0.matches(path) } }
}

extension [RequestTarget.Segment] {
    /// Whether the path repeats `/v1` or an endpoint. No provider has such a path, so no pattern opens it: it would be
    /// forwarded without being read.
    fileprivate func repeatsBaseURL(_ method: HTTPRequest.Method) -> Bool {
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

    /// Whether the client's base URL seems wrong: the path has another `/v1`, something before or after an endpoint, or
    /// an endpoint that is written with capital letters or spaces.
    fileprivate func suggestsOtherBaseURL(of server: Server) -> Bool {
        contains { $0.isNamedAlmost("v1") }
            || Endpoint.standard.contains { endpoint in
                endpoint.pattern.base(of: self) != nil || endpoint.pattern.rest(of: self).map(server.opens) ?? false
            }
    }
}

extension RequestTarget {
    /// What follows `/<server>/v1`, and the query.
    fileprivate var pathAndQuery: String {
        segments.dropFirst(2).map { "/" + $0.encoded }.joined() + questionAndQuery
    }

    /// What follows `/<server>`, and the query.
    fileprivate var opaquePathAndQuery: String {
        let path = pathAfterFirst
        return (path.isEmpty ? "/" : path) + questionAndQuery
    }

    private var questionAndQuery: String { query.isEmpty ? "" : "?" + query }

    fileprivate var decodedPathAfterFirst: String { "/" + segments.dropFirst().map(\.decoded).joined(separator: "/") }
}

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

    /// - Parameter path: the requested path after the server's name.
    static func advice(_ server: String, insteadOf path: String) -> String {
        let root = root(server)
        // As Anthropic's SDK does.
        let appendsVersion = path.utf8.split(separator: UInt8(ascii: "/")).dropFirst().contains {
            $0.elementsEqual("v1".utf8)
        }
        return "Set the client's base URL to this proxy's address followed by '\(root)/v1'"
            + (appendsVersion ? ", or '\(root)' if the client appends '/v1' itself" : "")
            + ": the client appends the endpoint, such as '/chat/completions'."
    }
}
