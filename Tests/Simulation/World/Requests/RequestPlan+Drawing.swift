extension RequestPlan {
    /// - Returns: nil for a request that the life does without.
    init?(_ number: Int, _ table: TablePlan, _ world: WorldPlan, _ draw: Draw) {
        self.number = number
        var own = draw.of(.request, number)
        guard own.chance(97) else { return nil }
        target = Target(generation: draw.of(.generation, number))
        address(table, world, &own)
        ask(world, &own)
        receive(&own)
        embed(table, draw.of(.embedding, number))
        if let user = KeyChoice(user: draw.of(.user, number), table) { key = user }
        pass(table.gateway, draw.of(.gatewayCaller, number))
        name(table, draw.of(.name, number))
        var twin = draw.of(.twin, number)
        if table.hasCache, number > 0, twin.chance(60),
            let other = RequestPlan(twin.pick(number), table, world, draw)
        {
            ask(as: other)
        }
        if world.hasFloods {
            if twin.chance(40) { timeLeft = twin.one(of: [3000, 1200]) }
            if twin.chance(40) { reading.pause = twin.one(of: [20, 300]) }
        }
    }

    /// Draws when the request comes, for whom, and with which key.
    private mutating func address(_ table: TablePlan, _ world: WorldPlan, _ draw: inout Draw) {
        arrival = world.arrival(&draw)
        process = draw.pick(world.processes)
        door = draw.chance(20) ? draw.one(of: Door.allCases) : .functionURL
        if door == .direct, !table.allowsDirectInvocation { door = .functionURL }
        if draw.chance(8) { target = draw.one(of: [.chat, .embeddings, .models, .me, .health, .unknown]) }
        server = draw.chance(20) ? nil : draw.pick(table.servers.count)
        namedServer = server ?? draw.pick(table.servers.count)
        model = draw.one(of: [.none, .real, .real, .alias, .other])
        if model == .alias, !table.servers[namedServer].hasAlias { model = .real }
        key = KeyChoice(table, &draw)
    }

    /// Draws what the request says.
    private mutating func ask(_ world: WorldPlan, _ draw: inout Draw) {
        isStream = draw.chance(60)
        wantsUsage = isStream && draw.chance(30) && target.hasUsageOption
        question = draw.pick(world.questions)
        cacheControl = draw.chance(10) ? draw.one(of: ["no-cache", "no-store", "max-age=1", "only-if-cached"]) : nil
        padding = draw.chance(5) ? draw.one(of: [100, 100, 3000, draw.one(of: [3000, 3000, 100_000])]) : 0
    }

    /// Draws how Lambda and the caller behave.
    private mutating func receive(_ draw: inout Draw) {
        timeLeft = draw.one(of: [60_000, 900_000, 30_000, 10_000, draw.one(of: [3000, 1200, 400])])
        if draw.chance(10) { timeLeft = nil }
        reading = Reading(&draw)
        // Lambda always has a deadline. Without one, nothing would end a response that nobody reads.
        if timeLeft == nil { reading.stopsAfter = nil }
        if draw.chance(5) { eventFault = draw.one(of: [.inPieces, .inPieces, .cutOff, .nonsense]) }
    }

    /// Asks for embeddings in place of an answer, more often where Bedrock has them.
    private mutating func embed(_ table: TablePlan, _ draw: Draw) {
        var draw = draw
        if draw.chance(table.servers.contains(where: \.isBedrock) ? 15 : 2) {
            (target, wantsUsage) = (.embeddings, false)
        }
        guard target == .embeddings else { return }
        texts = draw.one(of: [1, 2, 9, 12])
        if draw.chance(70) { model = .embedder }
    }

    /// Comes through API Gateway, which has checked the caller's key.
    private mutating func pass(_ gateway: GatewayPlan?, _ draw: Draw) {
        var draw = draw
        guard gateway != nil, draw.chance(40) else { return }
        (door, key) = (.restAPI, .gateway(draw.pick(GatewayPlan.keys.count)))
    }

    /// Asks for the same as another request, whose answer may be stored.
    private mutating func ask(as other: RequestPlan) {
        if case .gateway = other.key { door = .restAPI }
        (key, target, server, namedServer, model) = (
            other.key, other.target, other.server, other.namedServer, other.model
        )
        (name, choices, isOrderDrawn, omitsName) = (other.name, other.choices, other.isOrderDrawn, other.omitsName)
        (texts, isStream, wantsUsage, question, padding) = (
            other.texts, other.isStream, other.wantsUsage, other.question, other.padding
        )
    }
}

extension RequestPlan {
    /// Draws a name in place of a server or its model; mostly none.
    private mutating func name(_ table: TablePlan, _ draw: Draw) {
        var draw = draw
        guard !table.models.isEmpty, target.namesModel, draw.chance(60) else { return }
        let name = draw.pick(table.models.count)
        let all = table.choices(of: name)
        (server, self.name, omitsName) = (nil, name, name == table.defaultModel && draw.chance(50))
        (namedServer, model) = (all[0].server, all[0].model == .alias ? .alias : .real)
        guard all.count > 1 else { return }
        (choices, isOrderDrawn) = (all, table.models.contains(where: \.isWeighted))
    }
}

extension RequestPlan.Target {
    fileprivate init(generation draw: Draw) {
        var draw = draw
        self = draw.chance(20) ? draw.one(of: [.responses, .responses, .completions]) : .chat
    }
}

extension RequestPlan.KeyChoice {
    /// - Returns: nil if the caller isn't a user.
    fileprivate init?(user draw: Draw, _ table: TablePlan) {
        var draw = draw
        guard table.users != nil, draw.chance(60) else { return nil }
        let isValid = !draw.chance(15)
        let tokens = SimulatedIssuer.tokens.indices.filter { SimulatedIssuer.tokens[$0].isValid == isValid }
        self = .user(draw.one(of: tokens))
    }

    fileprivate init(_ table: TablePlan, _ draw: inout Draw) {
        if !table.keys.isEmpty, !draw.chance(12) {
            self = .virtual(draw.pick(table.keys.count))
        } else if draw.chance(50) {
            self = .token(draw.pick(table.servers.count))
        } else {
            self = draw.one(of: [.none, .wrong])
        }
    }
}

extension Reading {
    fileprivate init(_ draw: inout Draw) {
        guard draw.chance(25) else { return }
        piece = draw.one(of: [64 * 1024, 4096, 512])
        pause = draw.one(of: [0, 1, 20, 300])
        switch draw.pick(10) {
        case 7: stopsAfter = draw.pick(2000)
        case 8: resetsAfter = draw.pick(2000)
        case 9:
            status = draw.one(of: [413, 410, 400, 500])
            refusesEarly = draw.chance(50)
        default: break
        }
    }
}
