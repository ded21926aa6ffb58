/// What of a route may be used. The model that is checked is the one that is sent: after the table has filled in a model,
/// an alias or a fallback's own.
extension Caller {
    /// The route with what the caller may use of it.
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
        guard let key, let models = key.allowedModels else { return route }
        switch route.operation {
        case .models: route.shownModels = models
        case .model:
            let name = target.segments.dropFirst(3).map(\.decoded).joined(separator: "/")
            guard models.fit(name) else { throw .modelNotAllowed(name, key: key.id) }
        default:
            guard case .json = route.body else { throw .modelUnknown("its body isn't read", key: key.id) }
            try Self.refuseDisguises(target, body, key)
            try Self.check(body.model(for: route), among: models, key)
            route.fallbacks.removeAll { !models.fit(body.model(for: $0)) }
        }
        return route
    }

    private static func check(
        _ model: String?, among models: [ModelPattern], _ key: VirtualKey
    ) throws(ProxyError) {
        guard let model else { throw .modelUnknown("it names no model", key: key.id) }
        guard models.fit(model) else { throw .modelNotAllowed(model, key: key.id) }
    }

    /// Other places from which a server might take the model.
    private static func refuseDisguises(
        _ target: RequestTarget, _ body: RequestBody, _ key: VirtualKey
    ) throws(ProxyError) {
        if let member = body.disguisedModel { throw .modelUnknown("its body has \(member)", key: key.id) }
        guard target.queryNames.contains(where: { $0.hasPrefix("model") }) else { return }
        throw .modelUnknown("its query names a model", key: key.id)
    }
}

extension [ModelPattern] {
    func fit(_ name: String?) -> Bool { name.map { name in contains { $0.matches(name) } } ?? false }
}
