extension RequestPlan {
    /// - Returns: nil for a request that the life does without.
    init?(_ number: Int, _ table: TablePlan, _ world: WorldPlan, _ draw: Draw) {
        let (all, user) = (draw, KeyChoice(user: draw.of(.user, number), table))
        var (nameDraw, embedding) = (draw.of(.name, number), draw.of(.embedding, number))
        var gateway = draw.of(.gatewayCaller, number)
        let generation = Target(generation: draw.of(.generation, number))
        var draw = draw.of(.request, number)
        self.number = number
        guard draw.chance(97) else { return nil }
        arrival = world.arrival(&draw)
        process = draw.pick(world.processes)
        door = draw.chance(20) ? draw.one(of: Door.allCases) : .functionURL
        if door == .direct, !table.allowsDirectInvocation { door = .functionURL }
        target = draw.chance(8) ? draw.one(of: [.chat, .embeddings, .models, .me, .health, .unknown]) : generation
        if embedding.chance(table.servers.contains(where: \.isBedrock) ? 15 : 2) { target = .embeddings }
        server = draw.chance(20) ? nil : draw.pick(table.servers.count)
        namedServer = server ?? draw.pick(table.servers.count)
        model = draw.one(of: [.none, .real, .real, .alias, .other])
        if model == .alias, !table.servers[namedServer].hasAlias { model = .real }
        if target == .embeddings {
            texts = embedding.one(of: [1, 2, 9, 12])
            if embedding.chance(70) { model = .embedder }
        }
        let other = KeyChoice(table, &draw)
        key = user ?? other
        if table.gateway != nil, gateway.chance(40) {
            (door, key) = (.restAPI, .gateway(gateway.pick(GatewayPlan.keys.count)))
        }
        isStream = draw.chance(60)
        wantsUsage = isStream && draw.chance(30) && target.hasUsageOption
        question = draw.pick(world.questions)
        cacheControl = draw.chance(10) ? draw.one(of: ["no-cache", "no-store", "max-age=1", "only-if-cached"]) : nil
        padding = draw.chance(5) ? draw.one(of: [100, 100, 3000, draw.one(of: [3000, 3000, 100_000])]) : 0
        timeLeft = draw.one(of: [60_000, 900_000, 30_000, 10_000, draw.one(of: [3000, 1200, 400])])
        if draw.chance(10) { timeLeft = nil }
        reading = Reading(&draw)
        // Lambda always has a deadline. Without one, nothing would end a response that nobody reads.
        if timeLeft == nil { reading.stopsAfter = nil }
        name(table, &nameDraw)
        if draw.chance(5) { eventFault = draw.one(of: [.inPieces, .inPieces, .cutOff, .nonsense]) }
        var twin = all.of(.twin, number)
        if table.hasCache, number > 0, twin.chance(60),
            let other = RequestPlan(twin.pick(number), table, world, all)
        {
            ask(as: other)
        }
        if world.hasFloods {
            if twin.chance(40) { timeLeft = twin.one(of: [3000, 1200]) }
            if twin.chance(40) { reading.pause = twin.one(of: [20, 300]) }
        }
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
    private mutating func name(_ table: TablePlan, _ draw: inout Draw) {
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
