/// Who sends a request, identified by the key.
enum Caller: Equatable {
    case anonymous
    /// Indirect: a key is expensive to copy, and is passed on often.
    indirect case client(VirtualKey)
    /// A caller whose key is the token of these servers.
    case owner(of: Set<String>)

    /// For the log and the counters.
    var id: String {
        switch self {
        case .anonymous: "anonymous"
        case .client(let key): key.id
        case .owner: "owner"
        }
    }

    /// Nil for a caller without a virtual key.
    var key: VirtualKey? {
        guard case .client(let key) = self else { return nil }
        return key
    }

    /// Whether this caller has limits of its own.
    var isLimited: Bool {
        guard case .client(let key) = self else { return false }
        return !key.quotaSet.isUnlimited || !key.serverQuotaSets.isEmpty
    }

    func mayUse(_ server: Server) -> Bool {
        switch self {
        case .anonymous: true
        case .client(let key): key.mayUse(server)
        case .owner(let servers): servers.contains(server.name)
        }
    }

    /// Whether tokens or costs are limited for this caller at a server.
    func countsUsage(at server: Server) -> Bool {
        server.quotaSet.countsUsage || key?.countsUsage(at: server.name) == true
    }

    /// Whether costs are limited for this caller at a server.
    func countsCost(at server: Server) -> Bool {
        server.quotaSet.countsCost || key?.countsCost(at: server.name) == true
    }

    /// The error for a server that this caller may not use.
    func refusal(of server: Server) -> ProxyError {
        key.map { .serverNotAllowed(server.name, key: $0.id) } ?? .keyOfAnotherServer(server.name)
    }
}

/// Reduces a route to what the caller may use. `allowed_models` allows a model by its name or, if the name is an alias,
/// by the model that it stands for. The name comes from the caller, or from the table if the table fills one in or a
/// fallback has a model of its own.
extension Caller {
    /// Whether the caller may use a model of a server by this name.
    /// - Parameter name: the name of `settings.models` that stands for it.
    func mayAsk(for model: String, as name: String?, at server: Server) -> Bool {
        key?.allowedModels?.allow(model, as: name, at: server) ?? true
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
        guard let key, let models = key.allowedModels else { return route }
        switch route.operation {
        case .models: break
        case .model:
            let model = target.modelID
            guard models.allow(model, at: route.server) else { throw .modelNotAllowed(model, key: key.id) }
        default:
            guard case .json = route.body else { throw .modelUnknown("its body isn't read as JSON", key: key.id) }
            try Self.refuseDisguises(target, body, key)
            guard let model = body.modelName(for: route) else { throw .modelUnknown("it names no model", key: key.id) }
            guard models.allow(model, as: route.named?.name, at: route.server) else {
                throw body.modelName == nil && route.named == nil
                    ? .filledInModelNotAllowed(key: key.id) : .modelNotAllowed(model, key: key.id)
            }
            route.fallbacks.removeAll { route in
                body.modelName(for: route).map { !models.allow($0, as: route.named?.name, at: route.server) } ?? true
            }
        }
        return route
    }

    /// Nil if the list passes unchanged.
    private func shownModels(of server: Server) -> ModelList.Shown? {
        if let models = key?.allowedModels { return .allowed(models) }
        return server.modelAliases.isEmpty ? nil : .all
    }

    /// Refuses other members and query parameters that a server might read as the model.
    private static func refuseDisguises(
        _ target: RequestTarget, _ body: RequestBody, _ key: VirtualKey
    ) throws(ProxyError) {
        if let member = body.disguisedModel { throw .modelUnknown("its body has \(member)", key: key.id) }
        guard target.queryNames.contains(where: { $0.hasPrefix("model") }) else { return }
        throw .modelUnknown("its query names a model", key: key.id)
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
        guard isCounted || key?.allowedModels != nil else { return nil }
        let tools = server.allowedTools + (key?.allowedTools ?? [])
        if let tool = restrictedFeatures.tools.first(where: { !tools.fit($0) }) { return .toolNotAllowed(tool) }
        if let member = restrictedFeatures.storedData, !server.allowsStoredData, key?.allowsStoredData != true {
            return .storedDataNotAllowed(member)
        }
        return restrictedFeatures.tier.map { .tierNotAllowed($0) }
    }
}
