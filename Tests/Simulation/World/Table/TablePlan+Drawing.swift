extension TablePlan {
    /// Draws a table that loads.
    package init(_ draw: Draw) {
        var own = draw.of(.table)
        let count = 1 + own.pick(4)
        let hasCache = own.chance(40)
        usesDynamoDB = own.chance(70)
        denies = own.chance(50)
        isAnonymous = own.chance(15)
        allowsDirectInvocation = own.chance(20)
        deadlineMargin = own.one(of: [1000, 200, 500, 2000])
        let hasLimits = own.chance(70)
        servers = (0..<count).map { number in
            var draw = draw.of(.server, number)
            return ServerPlan(number, of: count, hasLimits: hasLimits, usesDynamoDB, hasCache: hasCache, &draw)
        }
        for number in servers.indices where servers[number].isReverseProxy {
            for index in servers.indices { servers[index].fallbacks.removeAll { $0 == number } }
        }
        models = NamedModelPlan.all(of: servers, draw)
        if !models.isEmpty, own.chance(40) { defaultModel = models.count - 1 }
        let callers = own.pick(3) + (isAnonymous ? 0 : 1)
        keys = (0..<callers).map { number in
            var draw = draw.of(.key, number)
            return KeyPlan(number, servers, hasLimits: hasLimits, &draw)
        }
        var users = draw.of(.users)
        var gateway = draw.of(.gateway)
        if gateway.chance(15) { self.gateway = GatewayPlan(servers, hasLimits: hasLimits, &gateway) }
        if users.chance(20) { self.users = UsersPlan(servers, hasLimits: hasLimits, &users) }
    }
}

extension ServerPlan {
    fileprivate init(
        _ number: Int, of count: Int, hasLimits: Bool, _ usesDynamoDB: Bool, hasCache: Bool, _ draw: inout Draw
    ) {
        self.number = number
        weights = (0...draw.one(of: [0, 0, 1, 2])).map { _ in draw.one(of: [1, 3, 1000]) }
        isReverseProxy = draw.chance(4)
        hasToken = !draw.chance(15)
        if draw.chance(60) { model = "real-\(number)" }
        hasAlias = draw.chance(30) && !isReverseProxy
        // Only to servers further down, so that there is no cycle.
        for other in (number + 1)..<max(number + 1, count) where draw.chance(55) && !isReverseProxy {
            fallbacks.append(other)
        }
        retries = draw.one(of: [2, 0, 1, 3])
        limits = ServerTimes(&draw)
        commitsEarly = !draw.chance(25)
        expectsDone = isReverseProxy || !draw.chance(10)
        preconnects = draw.chance(5)
        hasPrices = draw.chance(50) && !isReverseProxy
        neverAsksForUsage = draw.chance(15) && !isReverseProxy
        if hasLimits, draw.chance(55) {
            quotas = QuotaPlan(&draw, countsTokens: !isReverseProxy, hasPrices: hasPrices)
        }
        if hasCache, !isReverseProxy, draw.chance(70) { cache = CachePlan(usesDynamoDB: usesDynamoDB, &draw) }
        if !isReverseProxy, draw.chance(12) {
            (isBedrock, expectsDone, neverAsksForUsage) = (true, true, false)
            (isSigned, hasToken) = draw.chance(50) ? (true, false) : (false, true)
        }
    }
}

extension ServerTimes {
    fileprivate init(_ draw: inout Draw) {
        if draw.chance(30) { timeout = draw.one(of: [60_000, 20_000, 5000]) }
        if draw.chance(20) { connect = draw.one(of: [1000, 200]) }
        if draw.chance(30) { firstByte = draw.one(of: [5000, 1000]) }
        if draw.chance(30) { idle = draw.one(of: [5000, 1000]) }
        if draw.chance(50) { keepalive = draw.one(of: [1000, 200, 50]) }
    }
}

extension QuotaPlan {
    fileprivate init(_ draw: inout Draw, countsTokens: Bool, hasPrices: Bool) {
        if draw.chance(45) { rpm = draw.one(of: [1000, 200, 10, 5, 2]) }
        if draw.chance(40) { requestsPerDay = draw.one(of: [10_000, 400, 20, 6, 3]) }
        if draw.chance(40) { parallel = draw.one(of: [100, 3, 2, 1]) }
        guard countsTokens else { return }
        if draw.chance(20) { tpm = draw.one(of: [100_000, 500, 100]) }
        if draw.chance(20) { tokensPerDay = draw.one(of: [100_000, 1000, 200]) }
        if hasPrices, draw.chance(25) { budget = draw.one(of: [100, 1, 0.1]) }
    }
}

extension CachePlan {
    fileprivate init(usesDynamoDB: Bool, _ draw: inout Draw) {
        ttl = draw.one(of: [3600, 30, 5])
        isShared = draw.chance(40)
        self.usesDynamoDB = usesDynamoDB && draw.chance(60)
        if draw.chance(25) { maxEntryBytes = draw.one(of: [1024, 100_000]) }
        usesFolder = draw.chance(60)
        usesMemory = !usesFolder && !self.usesDynamoDB || draw.chance(50)
        isPaced = draw.chance(50)
    }
}

extension KeyPlan {
    fileprivate init(_ number: Int, _ servers: [ServerPlan], hasLimits: Bool, _ draw: inout Draw) {
        self.number = number
        if hasLimits, draw.chance(75) {
            quotas = QuotaPlan(&draw, countsTokens: true, hasPrices: servers.allSatisfy(\.hasPrices))
        }
        if hasLimits, draw.chance(30) {
            let server = servers[draw.pick(servers.count)]
            serverQuotas = (
                server.number, QuotaPlan(&draw, countsTokens: !server.isReverseProxy, hasPrices: server.hasPrices)
            )
        }
        if draw.chance(20) { allowedServers = [serverQuotas?.server ?? draw.pick(servers.count)] }
        if draw.chance(10) { allowedModels = ["real-*"] }
        if draw.chance(20) {
            cacheNamespace = draw.one(of: ["one", "two"])
        } else if draw.chance(10) {
            isOutOfCache = true
        }
        hasExpired = draw.chance(5)
    }
}

extension GatewayPlan {
    fileprivate init(_ servers: [ServerPlan], hasLimits: Bool, _ draw: inout Draw) {
        let hasPrices = servers.allSatisfy(\.hasPrices)
        if hasLimits, draw.chance(70) { quotas = QuotaPlan(&draw, countsTokens: true, hasPrices: hasPrices) }
        if draw.chance(20) { allowedServers = [draw.pick(servers.count)] }
        if draw.chance(20) { cacheNamespace = draw.one(of: ["one", "gateway"]) }
    }
}

extension UsersPlan {
    fileprivate init(_ servers: [ServerPlan], hasLimits: Bool, _ draw: inout Draw) {
        isDiscovered = draw.chance(50)
        let hasPrices = servers.allSatisfy(\.hasPrices)
        if hasLimits, draw.chance(70) { quotas = QuotaPlan(&draw, countsTokens: true, hasPrices: hasPrices) }
        if hasLimits, draw.chance(30) { sharedQuotas = QuotaPlan(&draw, countsTokens: true, hasPrices: hasPrices) }
        if draw.chance(20) { allowedServers = [draw.pick(servers.count)] }
        if draw.chance(20) { cacheNamespace = draw.one(of: ["one", "users"]) }
    }
}
