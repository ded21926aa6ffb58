import HTTPTypes

/// `/<server>/v1/<endpoint>?<query>` to `<url>/<endpoint>?<query>`.
struct Router {
    private let servers: [String: Server]
    private let names: [String]

    init(_ table: ServerTable) {
        servers = Dictionary(table.servers.map { ($0.name, $0) }) { first, _ in first }
        names = table.servers.map(\.name)
    }

    func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, for caller: Caller
    ) throws(ProxyError) -> Route {
        let server = try server(target, for: caller)
        guard server.missingVariables.isEmpty else {
            throw .misconfigured(server: server.name, variables: server.missingVariables)
        }
        guard !server.isReverseProxy else { return passThrough(target, to: server) }
        guard !target.hasTrailingSlash else { throw .invalidPath("it has an empty segment at its end") }
        let endpoint = target.segments.dropFirst(2)
        guard target.segments.count > 2, target.segments[1].decoded == "v1" else {
            throw .endpointNotOpen(server: server.name, path: target.decodedPath(from: 1))
        }
        let url = Self.url(server.url, endpoint, target.query)
        let path = endpoint.map(\.decoded)
        if let standard = Endpoint.standard.first(where: { $0.pattern.matches(path) }) {
            if standard.methods.contains(method) { return Route(server: server, url: url, body: standard.rule(server)) }
            guard server.opens(path) else { throw .methodNotAllowed(method, allowed: standard.methods) }
        }
        guard server.opens(path) else {
            throw .endpointNotOpen(server: server.name, path: target.decodedPath(from: 1))
        }
        return Route(server: server, url: url, body: .opaque)
    }

    private func server(_ target: RequestTarget, for caller: Caller) throws(ProxyError) -> Server {
        let name = target.segments.first?.decoded ?? ""
        guard let server = servers[name] else {
            let usable = names.filter { name in servers[name].map { caller.mayUse($0) } ?? false }
            throw .unknownServer(name, usable: usable)
        }
        guard caller.mayUse(server) else { throw .keyOfAnotherServer(name) }
        return server
    }

    private func passThrough(_ target: RequestTarget, to server: Server) -> Route {
        let slash = target.hasTrailingSlash || target.segments.count == 1 ? "/" : ""
        let path = target.segments.dropFirst().map { "/" + $0.encoded }.joined()
        let query = target.query.isEmpty ? "" : "?" + target.query
        return Route(server: server, url: server.url + path + slash + query, body: .opaque)
    }

    private static func url(_ base: String, _ endpoint: ArraySlice<RequestTarget.Segment>, _ query: String) -> String {
        base + endpoint.map { "/" + $0.encoded }.joined() + (query.isEmpty ? "" : "?" + query)
    }
}

extension Endpoint {
    fileprivate func rule(_ server: Server) -> Route.BodyRule {
        methods.contains(.post) ? .json(model: takesModel ? server.model : nil) : .opaque
    }
}

extension Server {
    fileprivate func opens(_ path: [String]) -> Bool { endpoints.contains { $0.matches(path) } }
}

extension RequestTarget {
    fileprivate func decodedPath(from index: Int) -> String {
        "/" + segments.dropFirst(index).map(\.decoded).joined(separator: "/")
    }
}
