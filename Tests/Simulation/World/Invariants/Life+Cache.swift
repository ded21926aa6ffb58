/// Whose answers a caller may get: docs/cache.md.
extension Life {
    /// The bytes are of the request's own call, or of one whose answer it may share.
    func checkSource(_ source: ServerCall, of visit: Visit, _ view: AnswerView) {
        guard source.request != visit.plan.number else { return }
        guard let cache = table.servers[source.server].cache, let other = self.visit(of: source) else {
            return report(.ownBytes, "\(visit.id) gets bytes of call-\(source.number) for id-\(source.request ?? -1)")
        }
        if !isSame(other.plan, visit.plan) || source.model != visit.plan.model(at: table.servers[source.server]) {
            report(.ownBytes, "\(visit.id) gets the answer to another question, of call-\(source.number)")
        }
        if !mayShare(visit.plan, other.plan, cache) {
            report(.cacheIsolation, "\(visit.id) gets an answer to \(other.id), whose caller shares nothing with it")
        }
        let longest = visit.plan.cacheControl == "max-age=1" ? 1 : cache.ttl
        // It may wait some seconds for the store after it was found.
        if let age = view["age"].flatMap({ Int($0) }), age > longest + 3 {
            report(.cacheIsolation, "\(visit.id) gets call-\(source.number) after \(age) s of \(longest)")
        }
        checkAge(of: source, of: other, for: visit, view)
        if ["no-cache", "no-store"].contains(visit.plan.cacheControl) || other.plan.cacheControl == "no-store" {
            report(
                .cacheIsolation, "\(visit.id) shares the answer of \(other.id), although one of them doesn't want to")
        }
        if view["age"] != nil, !source.isGood, !source.endsWell {
            report(.cacheIsolation, "\(visit.id) gets call-\(source.number) from the cache, which wasn't whole")
        }
    }

    /// A stored answer tells its age by the world's clock. It is stored some time after the record of its first request,
    /// since counters come first, and sent some time after it was found.
    private func checkAge(of source: ServerCall, of other: Visit, for visit: Visit, _ view: AnswerView) {
        guard hasOneClock, !wasDisturbed(visit), !wasDisturbed(other), let age = view["age"].flatMap({ Int64($0) }),
            let stored = other.recorded, let answer = visit.answers.first
        else { return }
        let more = answer.begun - stored - age * 1000
        guard !(-100...Self.mostDelay).contains(more) else { return }
        report(
            .cacheIsolation, "\(visit.id) gets call-\(source.number), which is \(more) ms older than its age, \(age) s")
    }

    /// In milliseconds.
    private static let mostDelay: Int64 = 6000

    /// Whether two requests ask for the same bytes.
    private func isSame(_ one: RequestPlan, _ other: RequestPlan) -> Bool {
        one.question == other.question && one.padding == other.padding && one.target == other.target
            && one.getsStream == other.getsStream && one.wantsUsage == other.wantsUsage
    }

    func mayShare(_ one: RequestPlan, _ other: RequestPlan, _ cache: CachePlan) -> Bool {
        guard let first = cacheGroup(one, cache), let second = cacheGroup(other, cache) else { return false }
        return first == second
    }

    /// Those with the same text share answers; nil if the caller shares none.
    private func cacheGroup(_ plan: RequestPlan, _ cache: CachePlan) -> String? {
        if let (token, users) = user(of: plan) {
            if let name = users.cacheNamespace { return "namespace \(name)" }
            return cache.isShared ? "all" : "user \(token.subject)"
        }
        if case .gateway(let number) = plan.key {
            if let name = table.gateway?.cacheNamespace { return "namespace \(name)" }
            return cache.isShared ? "all" : Self.gatewayScope(number)
        }
        guard case .virtual(let number) = plan.key, !table.keys[number].hasExpired else {
            if cache.isShared { return "all" }
            if case .token(let server) = plan.key, table.servers[server].hasToken { return "owner of s\(server)" }
            return plan.door == .direct && plan.key == .none ? "direct" : "anonymous"
        }
        let key = table.keys[number]
        if key.isOutOfCache { return nil }
        if let name = key.cacheNamespace { return "namespace \(name)" }
        return cache.isShared ? "all" : key.id
    }

    /// A caller who wants a stored answer or none makes no call.
    func checkCacheControl(of call: ServerCall, _ visit: Visit) {
        let plan = visit.plan
        guard plan.cacheControl == "only-if-cached", plan.target.namesModel, call.server == firstServer(for: plan),
            let cache = table.servers[call.server].cache, cacheGroup(plan, cache) != nil
        else { return }
        report(.cacheIsolation, "\(visit.id) is sent to s\(call.server), although it wants a stored answer only")
    }
}
