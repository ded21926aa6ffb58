import HTTPTypes

/// Maps `/<server>/v1/<endpoint>?<query>` to `<url>/<endpoint>?<query>`, and `/v1/<endpoint>` to the server that the
/// model names.
struct Router {
    /// In the order of the table.
    private let servers: [UpstreamServer]
    private let models: ModelNames

    init(_ servers: [UpstreamServer], _ models: ModelNames) { (self.servers, self.models) = (servers, models) }

    /// Maps a path as far as that is possible without the body.
    func destination(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller
    ) throws(ProxyError) -> Destination {
        guard let address = OneAddress(target, besides: servers) else {
            return .server(try route(method, target, for: caller))
        }
        guard let endpoint = Endpoint.standard.first(where: { $0.pattern.matches(address.path) }) else {
            throw address.refusal(of: target)
        }
        guard endpoint.methods.contains(method) else { throw .methodNotAllowed(method, allowed: endpoint.methods) }
        return .shared(endpoint, address)
    }

    func route(to destination: Destination, _ body: RequestBody, for caller: Caller) throws(ProxyError) -> Route {
        switch destination {
        case .server(let route): route
        case .shared(let endpoint, let address): try route(to: endpoint, address, body, for: caller)
        }
    }

    /// The route to the model that the path or the body names, or else to the table's default. Choices whose servers
    /// don't have the endpoint are left out if there is another.
    private func route(
        to endpoint: Endpoint, _ address: OneAddress, _ body: RequestBody, for caller: Caller
    ) throws(ProxyError) -> Route {
        let name = try body.routedModel()
        let choices = models.choices(for: name, of: caller)
        let able = choices.filter { $0.upstream.server.provider.supports(endpoint.operation) }
        guard let first = able.first ?? choices.first else {
            let others = models.nearest(to: name, for: caller)
            throw name.map { .modelNotFound($0, others: others) } ?? .modelMissing(others: others)
        }
        func route(on upstream: UpstreamServer, _ named: Route.NamedChoice) throws(ProxyError) -> Route {
            var route = try endpoint.route(on: upstream, address.pathAndQuery)
            // A server's own model is filled in only where endpoints take one.
            if name != nil || endpoint.takesModel { route.named = named }
            return route
        }
        var main = try route(on: first.upstream, first.named)
        main.fallbacks = able.dropFirst().compactMap { try? route(on: $0.upstream, $0.named) }
        guard first.isOnly else { return main }
        var seen: Set = [main.server.name]
        main.fallbacks = fallbacks(of: first.upstream, &seen, for: caller) { other in
            try? route(on: other, .init(model: first.named.model, name: nil))
        }
        return main
    }

    private func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller
    ) throws(ProxyError) -> Route {
        let upstream = try upstream(target, for: caller)
        var route = try route(method, target, on: upstream)
        // Everything else (lists of models, files) belongs to one provider, so it has no fallbacks.
        guard case .json = route.body else { return route }
        var seen: Set = [upstream.server.name]
        route.fallbacks = fallbacks(of: upstream, &seen, for: caller) { try? self.route(method, target, on: $0) }
        return route
    }

    private func upstream(_ target: RequestTarget, for caller: Caller) throws(ProxyError) -> UpstreamServer {
        guard let upstream = servers.first(where: { target.segments.first?.isNamed($0.server.name) == true }) else {
            // What should have stood behind the base URL.
            guard !target.segments.isEndpointAlone else {
                throw .wrongBaseURL(server: nil, path: target.decodedPath)
            }
            throw .unknownServer(
                target.segments.first?.decoded ?? "",
                baseURLs: servers.filter { caller.mayUse($0.server) }.map { BaseURL.path(of: $0.server) })
        }
        guard caller.mayUse(upstream.server) else { throw caller.refusal(of: upstream.server) }
        return upstream
    }

    private func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, on upstream: UpstreamServer
    ) throws(ProxyError) -> Route {
        let server = upstream.server
        try server.checkVariables()
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
            return try standard.route(on: upstream, target.pathAndQuery)
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
        of upstream: UpstreamServer, _ seen: inout Set<String>, for caller: Caller, _ route: (UpstreamServer) -> Route?
    ) -> [Route] {
        var routes: [Route] = []
        for name in upstream.server.fallbacks where seen.insert(name).inserted {
            guard let other = servers.first(where: { $0.server.name == name }) else { continue }
            if caller.mayUse(other.server), !other.server.isReverseProxy, var route = route(other) {
                route.isFallback = true
                routes.append(route)
            }
            routes += fallbacks(of: other, &seen, for: caller, route)
        }
        return routes
    }
}

/// Where a path leads, before the body has been read.
enum Destination {
    /// A server's own path.
    case server(Route)
    /// The address that all servers share.
    case shared(Endpoint, OneAddress)

    /// The model that the path names, in place of the body.
    var deployment: String? {
        guard case .shared(_, let address) = self else { return nil }
        return address.deployment
    }

    /// How the body is read.
    var bodyRule: Route.BodyRule {
        guard case .server(let route) = self else { return .json(model: nil) }
        return route.body
    }
}

extension Endpoint {
    fileprivate func route(on upstream: UpstreamServer, _ pathAndQuery: String) throws(ProxyError) -> Route {
        let server = upstream.server
        try server.checkVariables()
        guard server.provider.supports(operation) else {
            throw .endpointNotSupported(server: server.name, operation.rawValue)
        }
        return Route(
            upstream: upstream, pathAndQuery: pathAndQuery,
            body: methods.contains(.post) ? .json(model: takesModel ? server.model : nil) : .opaque,
            operation: operation, streamEnd: streamEnd, asksForUsage: hasUsageOption && server.asksForUsage)
    }
}

extension Provider {
    /// Whether requests for an endpoint can be translated for it, or answered in its place.
    fileprivate func supports(_ operation: Operation) -> Bool {
        switch (self, operation) {
        case (.openAI, _), (_, .chat), (_, .embeddings), (_, .models), (_, .model): true
        default: false
        }
    }
}

extension Server {
    fileprivate func checkVariables() throws(ProxyError) {
        guard missingVariables.isEmpty else { throw .misconfigured(server: name, variables: missingVariables) }
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

    var decodedPath: String { "/" + segments.map(\.decoded).joined(separator: "/") }

    fileprivate var decodedPathAfterFirst: String { "/" + segments.dropFirst().map(\.decoded).joined(separator: "/") }
}
