import Proxy
import Testing

@testable import ProxyConfiguration

@Suite struct FrontDoorTests {
    private static let server = "s: {url: 'http://a/v1', token: t}\n"

    private static func doors(_ settings: String, _ environment: [String: String] = [:]) throws -> LoadedTable {
        try load(server + "settings: {allow_anonymous: true, \(settings)}", environment)
    }

    @Test(
        "Direct invocation is off unless the table opens it",
        arguments: [
            ("", false), ("direct_invocation: false", false), ("direct_invocation: true", true),
            ("direct_invocation: {}", true),
        ])
    func opens(settings: String, isOpen: Bool) throws {
        #expect((try Self.doors(settings).table.settings.frontDoors.directInvocation != nil) == isOpen)
    }

    @Test(
        "What direct invocations may use is limited as for a key, and limits may stand below 'limits'",
        arguments: ["rpm: 5", "limits: {rpm: 5}"])
    func limits(limits: String) throws {
        let settings = "direct_invocation: {allowed_servers: [s], allowed_models: [m], \(limits)}"
        let grant = try #require(try Self.doors(settings).table.settings.frontDoors.directInvocation)
        #expect(grant.permissions.allowedServers == ["s"])
        #expect(grant.permissions.allowedModels?.count == 1)
        #expect(grant.limits.quotaSet.quotas.map(\.amount) == [5])
    }

    @Test(
        "The gateway is trusted only beside a URL that isn't public",
        arguments: [("none", 0), ("iam", 0), ("", 1)])
    func trusts(functionURL: String, warnings: Int) throws {
        let settings = "user_id_key: 0123456789abcdef, trust_gateway: true, gateway_callers: {rpm: 5}"
        let loaded = try Self.doors(settings, ["PROXY_FUNCTION_URL": functionURL])
        #expect(loaded.table.settings.frontDoors.gatewayCallers?.limits.quotaSet.quotas.map(\.amount) == [5])
        #expect(loaded.warnings.count { $0.contains("trust_gateway") } == warnings)
    }

    @Test(
        "What contradicts itself is refused",
        arguments: [
            ("trust_gateway: true", ["PROXY_FUNCTION_URL": "public"], "PROXY_FUNCTION_URL=public"),
            ("trust_gateway: true", ["PROXY_FUNCTION_URL": "Public"], "PROXY_FUNCTION_URL must be"),
            ("gateway_callers: {rpm: 5}", [:], "no effect without 'trust_gateway: true'"),
            ("trust_gateway: true, gateway_callers: false", [:], "'gateway_callers' can't be false"),
            ("trust_gateway: 5", [:], "trust_gateway"), ("direct_invocation: [s]", [:], "direct_invocation"),
            ("direct_invocation: {allowed_servers: [x]}", [:], "unknown server 'x'"),
            ("direct_invocation: {limit: {}}", [:], "limit"),
            ("direct_invocation: {rpm: 9, limits: {tpm: 5}}", [:], "'rpm' stands beside 'limits'"),
            ("direct_invocation: {limits: {rpm: '${NONE}'}}", [:], "NONE"),
            ("playground: false", ["PROXY_REST_TRANSFER": "Stream"], "PROXY_REST_TRANSFER"),
        ] as [(String, [String: String], String)])
    func refuses(settings: String, environment: [String: String], words: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.doors(settings, environment) }
        #expect("\(error)".contains(words), "\(error)")
    }

    @Test("The deployment's variables are read", arguments: [("stream", true), ("buffer", false), ("", false)])
    func readsVariables(transfer: String, streams: Bool) throws {
        let variables = ["PROXY_REST_TRANSFER": transfer, "PROXY_ALLOWED_ORIGINS": "https://a, https://b,"]
        let doors = try Self.doors("playground: false", variables).table.settings.frontDoors
        #expect(doors.restAPIStreams == streams)
        #expect(doors.allowedOrigins == ["https://a", "https://b"])
    }
}
