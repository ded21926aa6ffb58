import HTTPTypes

@testable import Proxy

/// A request whose key or server is limited.
enum LimitedRequest {
    /// What is limited, of the key or of the server.
    enum Limit: CaseIterable { case models, tokens, cost, tokensAtServer, server }

    static let ok = ScriptedTransport.Step(
        outcome: .answer(200, [.contentType: "application/json"], #"{"choices":[]}"#))

    static func heard(
        _ members: String, _ limit: Limit? = .models, path: String = "/a/v1/chat/completions",
        server change: (inout Server) -> Void = { _ in }, key: (inout VirtualKey) -> Void = { _ in }
    ) throws -> Heard {
        let server = Samples.server("a") {
            if limit == .server { $0.quotaSet.quotas = [Quota(.tokens, each: .day, 1000)] }
            change(&$0)
        }
        return try Heard.of([server], [ok], path: path, body: "{\"model\":\"m\",\(members)}") { settings in
            let quota = Quota(limit == .cost ? .cost : .tokens, each: .day, 1000)
            switch limit {
            case .models: settings.virtualKeys[0].permissions.allowedModels = [ModelPattern("m*")]
            case .tokens, .cost: settings.virtualKeys[0].limits.quotaSet.quotas = [quota]
            case .tokensAtServer:
                settings.virtualKeys[0].limits.serverQuotaSets["a", default: QuotaSet()].quotas = [quota]
            case .server, nil: break
            }
            key(&settings.virtualKeys[0])
        }
    }
}

extension Heard {
    /// The code of the error; nil for a success.
    var errorCode: String? {
        status == "200" ? nil : EventReader(Array("data: \(body)\n\n".utf8)).errors.first?["code"]
    }
}
