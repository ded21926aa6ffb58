/// A name of `settings.models`, which callers may send to the address that all servers share.
package struct NamedModelPlan {
    package let number: Int
    /// In the order of the table, each at another server.
    package var choices: [Choice]
    /// The number of another name, whose choices follow.
    package var rest: Int?
    package var isWeighted = false

    package var name: String { "m\(number)" }

    /// A model at a server.
    package struct Choice {
        package let server: Int
        package let model: Model
        package let weight: Int

        package enum Model { case own, real, alias }
    }
}

extension NamedModelPlan {
    /// Draws the names of a table; mostly none.
    static func all(of servers: [ServerPlan], _ draw: Draw) -> [NamedModelPlan] {
        var draw = draw.of(.models)
        var free = servers.filter { !$0.isReverseProxy }
        guard draw.chance(20), !free.isEmpty else { return [] }
        var first = NamedModelPlan(0, &free, &draw)
        first.isWeighted = draw.chance(30)
        guard !free.isEmpty, draw.chance(50) else { return [first] }
        var second = NamedModelPlan(1, &free, &draw)
        second.rest = 0
        return [first, second]
    }

    /// - Parameter free: the servers to choose from. Those that are chosen are removed.
    private init(_ number: Int, _ free: inout [ServerPlan], _ draw: inout Draw) {
        self.number = number
        choices = []
        for _ in 0...draw.pick(free.count) {
            let server = free.remove(at: draw.pick(free.count))
            choices.append(Choice(server, &draw))
        }
    }

    var yaml: String {
        var all = choices.map { choice in
            isWeighted ? "{model: \(choice.text), weight: \(choice.weight)}" : choice.text
        }
        if let rest { all.append("m\(rest)") }
        return "    \(name): [\(all.joined(separator: ", "))]"
    }
}

extension NamedModelPlan.Choice {
    fileprivate init(_ server: ServerPlan, _ draw: inout Draw) {
        self.server = server.number
        let model = draw.one(of: [Model.real, .own, .alias])
        let isThere = model == .real || (model == .own ? server.model != nil : server.hasAlias)
        self.model = isThere ? model : .real
        weight = draw.one(of: [1, 3, 1000])
    }

    /// `server/model`; without a model it is the server's own.
    fileprivate var text: String {
        switch model {
        case .own: "s\(server)/"
        case .real: "s\(server)/real-\(server)"
        case .alias: "s\(server)/alias"
        }
    }
}

extension TablePlan {
    /// Where the choices of a name lead, in order.
    func choices(of name: Int) -> [NamedModelPlan.Choice] {
        models[name].choices + (models[name].rest.map { choices(of: $0) } ?? [])
    }
}
