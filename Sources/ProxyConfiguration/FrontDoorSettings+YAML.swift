import Proxy
import YAML

extension FrontDoorSettings {
    static let keys = ["trust_gateway", "gateway_callers", "direct_invocation"]

    /// Reads who may use the doors besides those with a key.
    mutating func read(
        _ section: inout Section, _ servers: [ServerEntry], _ context: LoadContext
    ) throws(ConfigurationError) {
        directInvocation = try section.grant("direct_invocation", servers)
        try section.requireVariables("direct_invocation")
        let callers = try section.grant("gateway_callers", servers)
        try section.requireVariables("gateway_callers")
        let trustsGateway = try section.bool("trust_gateway") ?? false
        try section.requireVariables("trust_gateway")
        guard trustsGateway else {
            guard callers == nil else {
                throw section.error(
                    "gateway_callers", "has no effect without 'trust_gateway: true'; add that, or remove it")
            }
            return
        }
        guard ["", "public", "iam", "none"].contains(context.functionURL) else {
            throw context.error(
                nil,
                "the environment variable PROXY_FUNCTION_URL must be 'public', 'iam' or 'none', as the function's URL is"
            )
        }
        if context.functionURL == "public" {
            throw section.error(
                "trust_gateway",
                "can't be true while the function has a public URL (PROXY_FUNCTION_URL=public), beside which the gateway's "
                    + "checks are useless; deploy with FunctionUrl=none, or remove 'trust_gateway'")
        }
        guard callers != nil || section.node("gateway_callers") == nil else {
            throw section.error("gateway_callers", "can't be false beside 'trust_gateway: true'; remove one of them")
        }
        gatewayCallers = callers ?? CallerGrant()
    }

    /// Reads what the deployment says once, because events don't tell.
    mutating func readVariables(_ context: LoadContext) throws(ConfigurationError) {
        switch context.environment["PROXY_REST_TRANSFER"] ?? "" {
        case "", "buffer": restAPIStreams = false
        case "stream": restAPIStreams = true
        default:
            throw context.error(
                nil,
                "the environment variable PROXY_REST_TRANSFER must be 'stream' or 'buffer', as the REST API's integration is"
            )
        }
        allowedOrigins = (context.environment["PROXY_ALLOWED_ORIGINS"] ?? "").utf8
            .split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: " ") }.map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Section {
    /// What a kind of callers may use: `true` for everything, or a mapping with the keys of a virtual key. Its limits may
    /// stand below `limits`.
    fileprivate mutating func grant(
        _ key: String, _ servers: [ServerEntry]
    ) throws(ConfigurationError) -> CallerGrant? {
        guard let node = node(key) else { return nil }
        guard case .mapping = node.value else { return try bool(key) == true ? CallerGrant() : nil }
        var part = try section(node, "'\(key)'", keys: Self.permissionKeys + Self.callerLimitKeys + ["limits"])
        let permissions = try part.permissions(over: Permissions(), servers)
        var limits = try part.callerLimits([permissions], servers)
        if let node = part.node("limits") {
            if let key = Self.callerLimitKeys.first(where: { part.node($0) != nil }) {
                throw part.error(key, "stands beside 'limits'; move it there")
            }
            var below = try part.section(node, "'limits'", keys: Self.callerLimitKeys)
            limits = try below.callerLimits([permissions], servers)
            part.adopt(missing: below.missing)
        }
        adopt(missing: part.missing)
        return CallerGrant(permissions, limits)
    }
}

extension LoadContext {
    /// Who may call the function's URL, as far as the deployment says: `public`, `iam` or `none`.
    var functionURL: String { environment["PROXY_FUNCTION_URL"] ?? "" }
}

extension CallerGrant {
    var grant: Grant { Grant(permissions: permissions, limits: limits) }
}

extension FrontDoorSettings {
    var grants: [Grant] { [gatewayCallers, directInvocation].compactMap { $0?.grant } }

    func warnings(_ servers: [ServerEntry], _ context: LoadContext) -> [String] {
        var warnings: [String] = []
        if let gatewayCallers {
            if !["iam", "none"].contains(context.functionURL) {
                warnings.append(
                    "settings.trust_gateway is on, and PROXY_FUNCTION_URL doesn't say whether the function has a public "
                        + "URL; set it to 'none' or 'iam', as template.yaml does")
            }
            warnings += [gatewayCallers.grant].uncounted("settings.gateway_callers", at: servers)
        }
        if let directInvocation {
            warnings += [directInvocation.grant].uncounted("settings.direct_invocation", at: servers)
        }
        return warnings
    }
}
