import HTTPTypes

/// Finds out which servers a name of a model stands for on the address that all servers share: a name of
/// `settings.models`, or `server/model`. If a name is both, `settings.models` decides.
struct ModelNames {
    private let names: [NamedModel]
    private let servers: [UpstreamServer]
    /// The places of the names in the order of their bytes, to find one. Hashing or comparing a string that isn't ASCII
    /// takes time quadratic in its combining marks, and a dictionary of bytes adds 3 % to the instructions of a start.
    private let sorted: [Int]
    /// What stands for a request without a model.
    private let defaultModel: String?
    private let random: @Sendable () -> Double

    /// A model at a server, and how the caller got there.
    struct Choice {
        let upstream: UpstreamServer
        let named: Route.NamedChoice
        /// Whether the name stands for this one only, so that the server's own fallbacks follow.
        var isOnly = false
    }

    /// - Parameter random: a number from 0 up to, but not including, 1.
    init(_ settings: Settings, _ servers: [UpstreamServer], random: @escaping @Sendable () -> Double) {
        (names, defaultModel, self.random) = (settings.models, settings.defaultModel, random)
        self.servers = servers.filter { !$0.server.isReverseProxy }
        let names = names
        sorted = names.indices.sorted { names[$0].name.utf8.lexicographicallyPrecedes(names[$1].name.utf8) }
    }

    /// The choices of a name that the caller may use, in the order in which they are asked. Servers whose variables
    /// aren't set are left out if there is another.
    /// - Parameters:
    ///   - name: nil for the default.
    ///   - random: what weights are drawn with; nil for a number that is new each time.
    func choices(for name: String?, of caller: Caller, random: Double? = nil) -> [Choice] {
        guard let name = name ?? defaultModel else { return [] }
        var found: [Choice] = []
        if let named = named(name) {
            var seen: Set<[UInt8]> = []
            collect(named, as: named.name, random.map { random in { random } } ?? self.random, &seen, &found)
            // The same model twice would be asked twice.
            var places: Set<Choice.Place> = []
            found = found.filter { places.insert($0.place).inserted }
        } else if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) {
            let model = String(name[name.utf8.index(after: slash)...])
            if let choice = choice(model, at: name[..<slash], as: nil) { found = [choice] }
        }
        if found.count == 1 { found[0].isOnly = true }
        let usable = found.filter { choice in
            let server = choice.upstream.server
            return caller.mayUse(server) && caller.mayAsk(for: choice.named.model, as: choice.named.name, at: server)
        }
        let complete = usable.filter { $0.upstream.server.missingVariables.isEmpty }
        return complete.isEmpty ? usable : complete
    }

    /// All names that the caller may send, each with the server that is asked first. First those of the table.
    func all(for caller: Caller) -> [(name: String, server: Server)] {
        let own = names.compactMap { named in
            // In the table's order, so that the list stays the same.
            choices(for: named.name, of: caller, random: 0).first.map { (named.name, $0.upstream.server) }
        }
        let spelledOut = servers.filter { caller.mayUse($0.server) }.flatMap { upstream in
            Self.models(of: upstream.server).map { ("\(upstream.server.name)/\($0)", upstream.server) }
                .filter { !choices(for: $0.0, of: caller).isEmpty && named($0.0) == nil }
        }
        return (own + spelledOut).filter { $0.1.missingVariables.isEmpty }
    }

    /// Up to three names that the caller may send in place of one that leads nowhere, the nearest first; if none is
    /// like it, or there is no name, the first three.
    func nearest(to name: String?, for caller: Caller) -> [String] {
        let names = all(for: caller).prefix(Self.mostCompared).map(\.name)
        let ranked = names.compactMap { candidate -> (name: String, edits: Int)? in
            // The most common mistake is a model without its server.
            let model = candidate.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst()
            let names = [candidate, String(Substring(model))]
            let edits = name.flatMap { name in names.compactMap { NearestName.distance(name, $0) }.min() }
            return edits.map { (candidate, $0) }
        }
        return ranked.isEmpty ? Array(names.prefix(3)) : ranked.sorted { $0.edits < $1.edits }.prefix(3).map(\.name)
    }

    /// Each comparison takes some microseconds.
    private static let mostCompared = 300

    /// The server's own model, and those that its callers may name instead.
    private static func models(of server: Server) -> [String] {
        let own = [server.model].compactMap { $0 }
        return own + server.aliases.filter { !own.contains($0) }
    }

    /// All models of a server that the table names, in any way.
    func models(of server: Server) -> [String] {
        let listed = names.flatMap(\.choices).compactMap { choice -> String? in
            guard case .model(let model, server.name) = choice.target else { return nil }
            return model
        }
        var models: [String] = []
        for model in Self.models(of: server) + listed
        where !model.isEmpty && !models.contains(where: { $0.utf8.elementsEqual(model.utf8) }) {
            models.append(model)
        }
        return models
    }

    private func named(_ name: String) -> NamedModel? {
        var range = sorted.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let candidate = names[sorted[middle]]
            if candidate.name.utf8.elementsEqual(name.utf8) { return candidate }
            range =
                candidate.name.utf8.lexicographicallyPrecedes(name.utf8)
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    /// - Parameter seen: the names that have been followed. A name leads to each choice once, however often others
    ///   lead to it.
    private func collect(
        _ named: NamedModel, as name: String, _ random: () -> Double, _ seen: inout Set<[UInt8]>,
        _ found: inout [Choice]
    ) {
        guard seen.insert(Array(named.name.utf8)).inserted else { return }
        let order =
            named.isWeighted
            ? WeightedOrder.draw(named.choices.map(\.weight), random) : Array(named.choices.indices)
        for index in order {
            switch named.choices[index].target {
            case .model(let model, let server):
                if let choice = choice(model, at: server[...], as: name) { found.append(choice) }
            case .name(let other): if let other = self.named(other) { collect(other, as: name, random, &seen, &found) }
            }
        }
    }

    private func choice(_ model: String, at name: Substring, as listed: String?) -> Choice? {
        guard let upstream = servers.first(where: { $0.server.name.utf8.elementsEqual(name.utf8) }) else { return nil }
        // `server/` is the model that the server's table entry names.
        guard let model = model.isEmpty ? upstream.server.model : model else { return nil }
        return Choice(upstream: upstream, named: .init(model: model, name: listed))
    }
}

extension ModelNames.Choice {
    fileprivate struct Place: Hashable {
        let server: ObjectIdentifier
        let model: [UInt8]
    }

    fileprivate var place: Place { Place(server: ObjectIdentifier(upstream), model: Array(named.model.utf8)) }
}
