import HTTPTypes

/// A path of the address that all servers share, where the model says which server is asked:
///
///     /v1/<endpoint>                           the model is in the body
///     /openai/deployments/<model>/<endpoint>   as Azure's clients call
///     /openai/<endpoint>?api-version=…         as Azure's clients call what has no deployment
struct OneAddress {
    /// What stands behind the base URL.
    let path: [RequestTarget.Segment]
    /// The model that the path names.
    let deployment: String?
    /// For the server's URL, without what only Azure understands.
    private let query: String

    /// Nil for another path.
    /// - Parameter servers: a reverse proxy named `openai` takes the paths that Azure's clients call.
    init?(_ target: RequestTarget, besides servers: [UpstreamServer]) {
        let segments = target.segments
        guard let first = segments.first else { return nil }
        if first.isNamed("v1") {
            (path, deployment, query) = (Array(segments.dropFirst()), nil, target.query)
            return
        }
        guard first.isNamed("openai"),
            !servers.contains(where: { $0.server.isReverseProxy && first.isNamed($0.server.name) })
        else { return nil }
        query = target.queryWithoutAPIVersion
        if segments.count > 1, segments[1].isNamed("deployments") {
            // A model's name may have slashes, so the endpoint is looked for from the end.
            let rest = Array(segments.dropFirst(2))
            let endpoint = Endpoint.standard.first {
                $0.methods == [.post] && $0.pattern.count < rest.count && $0.pattern.isEnd(of: rest)
            }
            path = endpoint.map { Array(rest.suffix($0.pattern.count)) } ?? Array(segments.dropFirst())
            deployment = endpoint.map { rest.dropLast($0.pattern.count).map(\.decoded).joined(separator: "/") }
        } else {
            let path = Array(segments.dropFirst())
            // Without a version it is a wrong base URL for a server named `openai`.
            guard query != target.query, Endpoint.standard.contains(where: { $0.pattern.matches(path) }) else {
                return nil
            }
            (self.path, deployment) = (path, nil)
        }
    }

    /// What stands behind `models`: the name of a model.
    var modelName: String { path.dropFirst().map(\.decoded).joined(separator: "/") }

    /// What follows a server's URL.
    var pathAndQuery: String { path.map { "/" + $0.encoded }.joined() + (query.isEmpty ? "" : "?" + query) }

    /// The error for a path that is no endpoint.
    func refusal(of target: RequestTarget) -> ProxyError {
        let repeatsBaseURL =
            path.isEmpty || path.repeatsBaseURL(.post)
            || Endpoint.standard.contains { $0.pattern.base(of: path) != nil }
        return repeatsBaseURL
            ? .wrongBaseURL(server: nil, path: target.decodedPath)
            : .endpointNotOpen(server: nil, path: target.decodedPath)
    }
}

extension RequestTarget {
    fileprivate var queryWithoutAPIVersion: String {
        query.split(separator: "&").filter { !$0.hasPrefix("api-version=") }.joined(separator: "&")
    }
}
