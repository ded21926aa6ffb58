import HTTPTypes

/// `/<server>/v1/<endpoint>?<query>` to `<url>/<endpoint>?<query>`.
struct Router {
    /// In the order of the table.
    private let servers: [SharedServer]

    init(_ table: ServerTable) { servers = table.servers.map { SharedServer($0) } }

    func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller
    ) throws(ProxyError) -> Route {
        let place = try place(target, for: caller)
        var route = try route(method, target, on: place)
        // What else there is (lists of models, files) belongs to one provider.
        guard case .json = route.body else { return route }
        guard !place.server.fallbacks.isEmpty else { return route }
        var seen: Set = [place.server.name]
        route.fallbacks = fallbacks(of: place, &seen) { other in
            guard caller.mayUse(other.server), !other.server.isReverseProxy else { return nil }
            return try? self.route(method, target, on: other)
        }
        return route
    }

    private func place(_ target: RequestTarget, for caller: Caller) throws(ProxyError) -> SharedServer {
        guard let place = servers.first(where: { target.segments.first?.isNamed($0.server.name) == true }) else {
            let name = target.segments.first?.decoded ?? ""
            throw .unknownServer(name, usable: servers.filter { caller.mayUse($0.server) }.map(\.server.name))
        }
        guard caller.mayUse(place.server) else { throw caller.refusal(of: place.server) }
        return place
    }

    private func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, on place: SharedServer
    ) throws(ProxyError) -> Route {
        let server = place.server
        guard server.missingVariables.isEmpty else {
            throw .misconfigured(server: server.name, variables: server.missingVariables)
        }
        guard !server.isReverseProxy else { return passThrough(target, to: place) }
        guard !target.hasTrailingSlash else { throw .invalidPath("it has an empty segment at its end") }
        let endpoint = target.segments.dropFirst(2)
        guard target.segments.count > 2, target.segments[1].isNamed("v1") else {
            throw .endpointNotOpen(server: server.name, path: target.decodedPath(from: 1))
        }
        let rest = target.pathAndQuery(from: 2)
        let path = Array(endpoint)
        if let standard = Endpoint.standard.first(where: { $0.pattern.matches(path) }) {
            if standard.methods.contains(method) {
                return Route(
                    place: place, pathAndQuery: rest, body: standard.rule(server), operation: standard.operation,
                    streamEnd: standard.streamEnd, asksForUsage: standard.hasUsageOption && server.asksForUsage)
            }
            guard server.opens(path) else { throw .methodNotAllowed(method, allowed: standard.methods) }
        }
        guard server.opens(path) else {
            throw .endpointNotOpen(server: server.name, path: target.decodedPath(from: 1))
        }
        return Route(place: place, pathAndQuery: rest, body: .opaque)
    }

    private func passThrough(_ target: RequestTarget, to place: SharedServer) -> Route {
        let slash = target.hasTrailingSlash || target.segments.count == 1 ? "/" : ""
        return Route(place: place, pathAndQuery: target.pathAndQuery(from: 1, slash: slash), body: .opaque)
    }

    /// A server's fallbacks, each followed by its own. One that can't take the request is passed over, its own are not.
    private func fallbacks(
        of place: SharedServer, _ seen: inout Set<String>, _ route: (SharedServer) -> Route?
    ) -> [Route] {
        var routes: [Route] = []
        for name in place.server.fallbacks where seen.insert(name).inserted {
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

extension RequestTarget {
    /// What of the path stands behind the first segments, and the query.
    fileprivate func pathAndQuery(from index: Int, slash: String = "") -> String {
        let path = segments.dropFirst(index).map { "/" + $0.encoded }.joined()
        return path + slash + (query.isEmpty ? "" : "?" + query)
    }

    fileprivate func decodedPath(from index: Int) -> String {
        "/" + segments.dropFirst(index).map(\.decoded).joined(separator: "/")
    }
}
