/// Who is for certain models, or may use so many tokens, could get round that with what isn't paid for in tokens of the
/// model: docs/decisions/0022.
extension Caller {
    /// Why a request may not go to a server; nil if it may.
    func objection(to body: RequestBody, at server: Server) -> ProxyError? {
        let restrictedFeatures = body.restrictedFeatures
        let isCounted = countsUsage(at: server)
        if isCounted, let member = restrictedFeatures.uncountable { return .uncountable("it has '\(member)'") }
        // Another model has another price, and may be none of the table's.
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
