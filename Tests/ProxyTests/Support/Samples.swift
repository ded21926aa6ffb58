import AWSSignature
import HTTPTypes
import Transport

@testable import Proxy

/// A small table that most tests share.
enum Samples {
    static let web = VirtualKey(name: "web", digest: KeyDigest(of: Secret("key-web")))

    /// The function's own.
    static let credentials = AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "session-token")

    static func server(_ name: String, _ change: (inout Server) -> Void = { _ in }) -> Server {
        var server = Server(name: name, url: "https://\(name).example/v1")
        server.token = Secret("sk-\(name)")
        server.model = "\(name)-model"
        change(&server)
        return server
    }

    static func table(_ servers: [Server] = [server("a"), server("b")], anonymous: Bool = false) -> ServerTable {
        var settings = Settings()
        settings.virtualKeys = [web]
        settings.allowAnonymous = anonymous
        return ServerTable(servers: servers, settings: settings)
    }

    /// The meter of a request of 400 bytes, at 5000 ms since 1970.
    static func meter() -> Meter { Meter(requestBytes: 400, now: { 5000 }) }

    static func route(
        _ body: Route.BodyRule = .json(model: "m"), streamEnd: StreamEnd = .done,
        _ change: (inout Server) -> Void = { _ in }
    ) -> Route {
        Route(
            upstream: UpstreamServer(server("a", change)), pathAndQuery: "/chat/completions", body: body,
            streamEnd: streamEnd)
    }
}

extension Access {
    func admit(_ fields: HTTPFields, at now: Int64) throws -> Caller {
        let request = TimedRequest(cancellation: Cancellation(), deadline: nil)
        return try ManualLoop(now: now).run {
            try await admit(fields, presenting: Self.presentedKeys(fields), for: request, at: now)
        }
    }
}

extension RequestBody {
    init(_ bytes: [UInt8], encoding: String? = nil, for route: Route) throws {
        try self.init(bytes, encoding: encoding, as: route.body)
    }
}

extension Router {
    /// - Parameter random: what weights are drawn with.
    init(_ table: ServerTable, random: Double = 0) {
        let servers = table.servers.map { UpstreamServer($0) }
        self.init(servers, ModelNames(table.settings, servers) { random })
    }

    func route(
        _ method: HTTPRequest.Method, _ target: RequestTarget, _ body: String = "", for caller: Caller
    ) throws -> Route {
        let destination = try destination(method, target, for: caller)
        let body =
            body.isEmpty
            ? RequestBody()
            : try RequestBody(Array(body.utf8), as: destination.bodyRule, deployment: destination.deployment)
        return try route(to: destination, body, for: caller)
    }
}
