/// One request of the load: what a caller sends, and how it and Lambda behave.
package struct RequestPlan {
    package let number: Int
    /// After the beginning of the life. In milliseconds.
    package var arrival = 0
    /// Which of the processes gets it.
    package var process = 0
    package var door = Door.functionURL
    package var target = Target.chat
    /// The server in the path; nil for the address that all servers share.
    package var server: Int? = 0
    /// The server whose model is named at the shared address.
    package var namedServer = 0
    package var model = ModelName.none
    /// The name of `settings.models` that is sent to the shared address.
    package var name: Int?
    /// Where the name leads, if that is more than one server.
    package var choices: [NamedModelPlan.Choice] = []
    /// Whether weights decide which of them comes first.
    package var isOrderDrawn = false
    /// Whether the body has no model, since the name is the table's default.
    package var omitsName = false
    package var key = KeyChoice.none
    package var isStream = false
    /// How many texts get embeddings.
    package var texts = 1
    package var wantsUsage = false
    /// Which of the life's questions is asked. Equal questions may be answered from the cache.
    package var question = 0
    package var cacheControl: String?
    /// Padding that makes the prompt longer. In bytes.
    package var padding = 0
    /// Until Lambda ends the invocation; nil for no limit. In milliseconds.
    package var timeLeft: Int?
    package var reading = Reading()
    package var eventFault = EventFault.none

    /// Direct invocations get no streams, and embeddings have none.
    var getsStream: Bool { isStream && door != .direct && target.isGeneration }

    package enum Door: CaseIterable { case functionURL, httpAPI, restAPI, loadBalancer, direct }

    package enum Target {
        case chat, embeddings, models, me, health, unknown, completions, responses

        /// Whether a model writes text.
        var isGeneration: Bool { [.chat, .completions, .responses].contains(self) }
        /// Whether the answer depends on the model that the body names.
        var namesModel: Bool { isGeneration || self == .embeddings }
        /// Whether callers can ask for a stream's usage.
        var hasUsageOption: Bool { self == .chat || self == .completions }
    }

    package enum ModelName { case none, real, alias, other, embedder }

    package enum KeyChoice: Equatable {
        case none, wrong
        case virtual(Int)
        /// The token of a server.
        case token(Int)
        /// A token of `SimulatedIssuer`, by its number.
        case user(Int)
        /// One of `GatewayPlan.keys`, by its number. Only API Gateway sees the key itself.
        case gateway(Int)
    }

    /// How Lambda hands over the event.
    package enum EventFault {
        case none
        /// The connection breaks within the event, which is then lost.
        case cutOff
        /// Not an event.
        case nonsense
        /// It isn't lost, but takes some time to arrive.
        case inPieces
    }
}

/// How Lambda, and so the caller, takes the answer.
package struct Reading {
    /// How much is taken at once. In bytes.
    package var piece = 64 * 1024
    /// Between two pieces. In milliseconds.
    package var pause = 0
    /// After so many bytes nothing more is taken; nil for never.
    package var stopsAfter: Int?
    /// After so many bytes the connection is reset; nil for never.
    package var resetsAfter: Int?
    /// The Runtime API's status for the answer; 202 is what it says to a good one.
    package var status = 202
    /// Whether the status comes before the answer has been read.
    package var refusesEarly = false

    /// Whether everything is taken, sooner or later.
    package var takesAll: Bool { stopsAfter == nil && resetsAfter == nil && status == 202 }
}

extension RequestPlan {
    /// - Returns: nil for a request that the life does without.
    init?(_ number: Int, _ table: TablePlan, _ world: WorldPlan, _ draw: Draw) {
        let user = KeyChoice(user: draw.of(.user, number), table)
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

/// What doesn't belong to one request.
package struct WorldPlan {
    package var processes = 1
    package var slots = 1
    package var questions = 1
    /// The clock of each process, in milliseconds from the true time.
    package var skews: [Int] = [0]
    /// When requests arrive together, in milliseconds from the beginning.
    package var bursts: [Int] = [0]
    package var spread = 0
    package var ends: [ProcessEnd] = []
    package var freezes: [Freeze] = []
    package var pollFaults = 0
    package var storeFaults = StoreFaults()
    /// How often a server misbehaves, of a hundred calls.
    package var serverFaults = 0
    package var requests = 20
    /// Whether many answers are long.
    package var hasFloods = false
    /// How often the folders for cached responses misbehave, of a hundred times.
    package var folderFaults = 0

    package struct ProcessEnd {
        package let process: Int
        package let at: Int
        package let isKill: Bool
    }

    package struct Freeze {
        package let process: Int
        package let from: Int
        package let length: Int
    }
}

/// What goes wrong at DynamoDB.
package struct StoreFaults {
    /// Of a hundred calls.
    package var share = 0
    /// Whether connections break, and nothing else goes wrong, so that most calls succeed when they are made again.
    package var onlyResets = false
    /// An outage, from and to. In milliseconds from the beginning.
    package var outage: Range<Int>?
    package var slowest = 0
    /// Whether processes that were killed before this life have left as many leases as may be open. They have expired.
    package var hasOldLeases = false
    /// Its clock, in milliseconds from the true time.
    package var skew = 0
}

extension WorldPlan {
    init(_ table: TablePlan, _ draw: Draw) {
        let flood = draw.of(.flood)
        var draw = draw.of(.world)
        processes = 1 + draw.one(of: [0, 0, 1, 2])
        slots = 1 + draw.one(of: [0, 3, 1, 7])
        questions = 1 + draw.pick(4)
        skews = (0..<processes).map { _ in draw.chance(20) ? draw.number(0...8000) - 4000 : 0 }
        let seconds = draw.one(of: [0, 3, 30, 70])
        bursts = (0...draw.pick(4)).map { _ in
            // Lives begin 18 seconds before the end of a minute, or 8 seconds before midnight.
            draw.chance(25) ? draw.one(of: [7000, 17_000]) + draw.pick(1000) : draw.number(0...(seconds * 1000))
        }
        spread = draw.one(of: [0, 5, 300, 3000])
        if draw.chance(20) {
            ends.append(ProcessEnd(process: draw.pick(processes), at: draw.number(0...20_000), isKill: draw.chance(30)))
        }
        if draw.chance(20) {
            freezes.append(
                Freeze(process: draw.pick(processes), from: draw.number(0...20_000), length: draw.number(10...90_000)))
        }
        pollFaults = draw.chance(20) ? draw.one(of: [5, 20]) : 0
        serverFaults = draw.one(of: [0, 15, 40, 80])
        requests = 8 + draw.pick(25)
        if let (floods, faults) = Self.forCaches(of: table, flood) { (hasFloods, folderFaults) = (floods, faults) }
        guard table.usesDynamoDB else { return }
        if draw.chance(40) {
            storeFaults.share = draw.one(of: [3, 15, 40])
            storeFaults.onlyResets = draw.chance(50)
        }
        if draw.chance(10) {
            let start = draw.number(0...5000)
            storeFaults.outage = start..<(start + draw.number(0...20_000))
        }
        storeFaults.slowest = draw.one(of: [2, 20, 300])
        if draw.chance(20) { storeFaults.skew = draw.number(0...10_000) - 5000 }
        storeFaults.hasOldLeases = draw.chance(25)
    }

    /// What only matters where responses are cached.
    private static func forCaches(of table: TablePlan, _ draw: Draw) -> (floods: Bool, folderFaults: Int)? {
        guard table.servers.contains(where: { $0.cache != nil }) else { return nil }
        var draw = draw
        return (draw.chance(4), draw.one(of: [0, 20, 60]))
    }

    fileprivate func arrival(_ draw: inout Draw) -> Int {
        bursts[draw.pick(bursts.count)] + draw.pick(spread + 1)
    }
}
