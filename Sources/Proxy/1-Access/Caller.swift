import Digests
import JSONWebTokens

/// Who sends a request, identified by the key or token.
enum Caller: Equatable {
    case anonymous
    /// Indirect: a key is expensive to copy, and is passed on often.
    indirect case client(VirtualKey)
    /// A caller whose key is the token of these servers.
    case owner(of: Set<String>)
    indirect case user(User)
    /// Somebody whom IAM lets invoke the function, without a key.
    indirect case invoker(CallerGrant)

    /// For the log and the metrics. A user counts as its issuer, since anybody may be a user.
    var id: String {
        switch self {
        case .anonymous: "anonymous"
        case .client(let key): key.id
        case .owner: "owner"
        case .user(let user): user.issuer
        case .invoker: "direct-invocation"
        }
    }

    /// For errors: "The … may not …".
    var title: String {
        switch self {
        case .anonymous: "caller"
        case .client(let key): "key '\(key.id)'"
        case .owner: "key"
        case .user(let user): user.isFromGateway ? "caller" : "user of this token"
        case .invoker: "caller"
        }
    }

    /// The owner's notes, which are added to the record of each request.
    var metadata: [String: String] {
        switch self {
        case .client(let key): key.metadata
        case .user(let user): user.metadata
        case .anonymous, .owner, .invoker: [:]
        }
    }

    /// Nil if the caller may use everything at its servers.
    var permissions: Permissions? {
        switch self {
        case .client(let key): key.permissions
        case .user(let user): user.permissions
        case .invoker(let grant): grant.permissions
        case .anonymous, .owner: nil
        }
    }

    /// What is limited for this caller, beside the servers themselves.
    var limits: [(holder: LimitHolder, limits: CallerLimits)] {
        switch self {
        case .client(let key): [(.key(key.id), key.limits)]
        case .user(let user): user.limits
        case .invoker(let grant): [(.invokers, grant.limits)]
        case .anonymous, .owner: []
        }
    }

    /// Whether this caller has limits of its own.
    var isLimited: Bool {
        switch self {
        case .client(let key): !key.limits.isUnlimited
        case .user(let user): !user.limits.isEmpty
        case .invoker(let grant): !grant.limits.isUnlimited
        case .anonymous, .owner: false
        }
    }

    func mayUse(_ server: Server) -> Bool {
        if case .owner(let servers) = self { return servers.contains(server.name) }
        return permissions?.mayUse(server) ?? true
    }

    /// Whether tokens or costs are limited for this caller at a server.
    func countsUsage(at server: Server) -> Bool {
        server.quotaSet.countsUsage || limits.contains { $0.limits.countsUsage(at: server.name) }
    }

    /// Whether costs are limited for this caller at a server.
    func countsCost(at server: Server) -> Bool {
        server.quotaSet.countsCost || limits.contains { $0.limits.countsCost(at: server.name) }
    }

    /// The error for a server that this caller may not use.
    func refusal(of server: Server) -> ProxyError {
        if case .owner = self { return .keyOfAnotherServer(server.name) }
        return .serverNotAllowed(server.name, caller: title)
    }
}

/// Whose limits these are.
enum LimitHolder: Hashable {
    case key(String)
    /// All users of an issuer together.
    case issuer(String)
    case user(String, issuer: String)
    /// All direct invocations together.
    case invokers
}

/// Somebody who has logged in at a token issuer.
struct User: Equatable {
    let issuer: String
    /// Stands for the user in counters and logs: the ID from the token, or a hash of it. No slashes.
    let id: String
    /// The ID from the token, if the owner wants to see it in the log.
    let shownID: String?
    /// The name of the plan that applies; nil for none.
    let plan: String?
    /// When the token expires; nil if only API Gateway knows. In seconds since 1970.
    let expires: Int64?
    let permissions: Permissions
    /// Those of the issuer and of the user, if there are any.
    let limits: [(holder: LimitHolder, limits: CallerLimits)]
    /// Claims that the owner wants to see in the log.
    let metadata: [String: String]

    /// A user whose token has been verified.
    /// - Parameters:
    ///   - id: from the token.
    ///   - hash: stands for the ID in counters and, unless the issuer says otherwise, in logs.
    init(_ id: String, hash: String, _ claims: TokenClaims, of issuer: TokenIssuer) {
        let plan = issuer.plans.first { plan in plan.requirements.allSatisfy { $0.isMet(by: claims) } }
        let holder = issuer.logsUsers ? PercentEncoding.encode(Array(id.utf8)) : hash
        self.issuer = issuer.name
        self.id = holder
        self.plan = plan?.name
        shownID = issuer.logsUsers ? id : nil
        expires = claims.expires.map { min($0, Self.latest) }
        permissions = plan?.permissions ?? issuer.permissions
        let all: [(LimitHolder, CallerLimits)] = [
            (.user(holder, issuer: issuer.name), plan?.limits ?? issuer.userLimits),
            (.issuer(issuer.name), issuer.limits),
        ]
        limits = all.filter { !$0.1.isUnlimited }
        metadata = issuer.metadataClaims.reduce(into: [:]) { notes, claim in
            let texts = claims.texts(of: claim)
            if !texts.isEmpty { notes[claim] = texts.joined(separator: ", ").shortened(to: Self.longestNote) }
        }
    }

    /// A caller whom API Gateway has checked, and whom no issuer of the table knows.
    /// - Parameters:
    ///   - id: for counters and logs.
    ///   - isShown: whether logs may have the ID as it is.
    init(ofGateway id: String, isShown: Bool, _ grant: CallerGrant) {
        issuer = Self.gateway
        self.id = isShown ? PercentEncoding.encode(Array(id.utf8)) : id
        shownID = isShown ? id : nil
        plan = nil
        expires = nil
        permissions = grant.permissions
        limits = grant.limits.isUnlimited ? [] : [(.user(self.id, issuer: Self.gateway), grant.limits)]
        metadata = [:]
    }

    /// Stands for the issuer of callers whom API Gateway has checked.
    static let gateway = "api-gateway"
    var isFromGateway: Bool { issuer.utf8.elementsEqual(Self.gateway.utf8) }

    /// The last second of the year 9999, after which a timestamp would have five digits.
    private static let latest: Int64 = 253_402_300_799
    /// In scalars.
    private static let longestNote = 256

    static func == (one: User, other: User) -> Bool {
        (one.issuer, one.id, one.plan, one.expires) == (other.issuer, other.id, other.plan, other.expires)
    }
}

/// Reduces a route to what the caller may use. `allowed_models` allows a model by its name or, if the name is an alias,
/// by the model that it stands for. The name comes from the caller, or from the table if the table fills one in or a
/// fallback has a model of its own.
extension Caller {
    /// Whether the caller may use a model of a server by this name.
    /// - Parameter name: the name of `settings.models` that stands for it.
    func mayAsk(for model: String, as name: String?, at server: Server) -> Bool {
        permissions?.allowedModels?.allow(model, as: name, at: server) ?? true
    }

    /// The route, reduced to what the caller may use.
    func permitted(_ route: Route, _ target: RequestTarget, _ body: RequestBody) throws(ProxyError) -> Route {
        var route = try permittedModels(route, target, body)
        if let objection = objection(to: body, at: route.server) { throw objection }
        route.fallbacks.removeAll { objection(to: body, at: $0.server) != nil }
        return route
    }

    private func permittedModels(
        _ route: Route, _ target: RequestTarget, _ body: RequestBody
    ) throws(ProxyError) -> Route {
        var route = route
        if case .models = route.operation { route.shownModels = shownModels(of: route.server) }
        guard let models = permissions?.allowedModels else { return route }
        switch route.operation {
        case .models: break
        case .model:
            let model = target.modelID
            guard models.allow(model, at: route.server) else { throw .modelNotAllowed(model, caller: title) }
        default:
            guard case .json = route.body else { throw .modelUnknown("its body isn't read as JSON", caller: title) }
            try refuseDisguises(target, body)
            guard let model = body.modelName(for: route) else {
                throw .modelUnknown("it names no model", caller: title)
            }
            guard models.allow(model, as: route.named?.name, at: route.server) else {
                throw body.modelName == nil && route.named == nil
                    ? .filledInModelNotAllowed(caller: title) : .modelNotAllowed(model, caller: title)
            }
            route.fallbacks.removeAll { route in
                body.modelName(for: route).map { !models.allow($0, as: route.named?.name, at: route.server) } ?? true
            }
        }
        return route
    }

    /// Nil if the list passes unchanged.
    private func shownModels(of server: Server) -> ModelList.Shown? {
        if let models = permissions?.allowedModels { return .allowed(models) }
        return server.modelAliases.isEmpty ? nil : .all
    }

    /// Refuses other members and query parameters that a server might read as the model.
    private func refuseDisguises(_ target: RequestTarget, _ body: RequestBody) throws(ProxyError) {
        if let member = body.disguisedModel { throw .modelUnknown("its body has \(member)", caller: title) }
        guard target.queryNames.contains(where: { $0.hasPrefix("model") }) else { return }
        throw .modelUnknown("its query names a model", caller: title)
    }
}

extension RequestTarget {
    /// The id in `models/<id>`.
    var modelID: String { segments.dropFirst(3).map(\.decoded).joined(separator: "/") }
}

extension [ModelPattern] {
    /// Whether a model is allowed: by what callers of its server name it, by the model that this is an alias of, or by
    /// the name of `settings.models` that stands for it.
    func allow(_ model: String, as name: String? = nil, at server: Server) -> Bool {
        fit(model) || fit(server.meaning(of: model)) || fit(name)
    }

    func fit(_ name: String?) -> Bool { name.map { name in contains { $0.matches(name) } } ?? false }
}

/// A caller with limited models, tokens or costs could get around the limits with features that aren't billed as tokens
/// of the model: see docs/decisions/0022.
extension Caller {
    /// Why a request may not go to a server; nil if it may.
    func objection(to body: RequestBody, at server: Server) -> ProxyError? {
        let restrictedFeatures = body.restrictedFeatures
        let isCounted = countsUsage(at: server)
        if isCounted, let member = restrictedFeatures.uncountable { return .uncountable("it has '\(member)'") }
        // Another model has another price, which the table may not have.
        if countsCost(at: server), let member = body.disguisedModel { return .uncountable("it has \(member)") }
        let permissions = permissions
        guard isCounted || permissions?.allowedModels != nil else { return nil }
        let tools = server.allowedTools + (permissions?.allowedTools ?? [])
        if let tool = restrictedFeatures.tools.first(where: { !tools.fit($0) }) { return .toolNotAllowed(tool) }
        if let member = restrictedFeatures.storedData, !server.allowsStoredData, permissions?.allowsStoredData != true {
            return .storedDataNotAllowed(member)
        }
        return restrictedFeatures.tier.map { .tierNotAllowed($0) }
    }
}
