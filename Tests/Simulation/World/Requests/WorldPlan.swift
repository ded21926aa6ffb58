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
        var flood = draw.of(.flood)
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
        if table.hasCache {
            (hasFloods, folderFaults) = (flood.chance(6), flood.one(of: [0, 30, 70]))
            // So that many share the same answer.
            if hasFloods { questions = 1 }
        }
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

    func arrival(_ draw: inout Draw) -> Int {
        bursts[draw.pick(bursts.count)] + draw.pick(spread + 1)
    }
}
