import Proxy

/// Whether the fallbacks of all servers lead somewhere, and come to an end: they are followed from server to server.
struct FallbackCheck {
    private let entries: [ServerEntry]
    private let byName: [String: ServerEntry]
    /// Nobody waits for so many servers to fail.
    private static let longest = 1000

    /// Servers from which every way ends.
    private var finished: Set<String> = []

    static func run(_ entries: [ServerEntry]) throws(ConfigurationError) {
        var check = FallbackCheck(entries)
        for entry in entries { try check.judge(entry) }
        for entry in entries { try check.follow(entry, after: []) }
    }

    private init(_ entries: [ServerEntry]) {
        self.entries = entries
        byName = Dictionary(entries.map { ($0.server.name, $0) }) { first, _ in first }
    }

    private func judge(_ entry: ServerEntry) throws(ConfigurationError) {
        guard !entry.fallbacks.isEmpty else { return }
        guard !entry.server.isReverseProxy else {
            throw entry.section.error("fallbacks", "can't be had beside 'reverse_proxy'; take one of them out")
        }
        var seen: Set<String> = []
        for element in entry.fallbacks {
            guard let problem = problem(of: element.text, in: entry, seen) else {
                seen.insert(element.text)
                continue
            }
            throw entry.section.error("fallbacks", problem, line: element.line)
        }
    }

    private func problem(of name: String, in entry: ServerEntry, _ seen: Set<String>) -> String? {
        guard let server = byName[name]?.server else { return unknown(name, in: entry) }
        if name == entry.server.name { return "names the server itself; take it out" }
        if seen.contains(name) { return "has '\(name)' twice; take one out" }
        return server.isReverseProxy ? "has '\(name)', which is a reverse proxy; take it out" : nil
    }

    private func unknown(_ name: String, in entry: ServerEntry) -> String {
        let others = entries.map(\.server).filter { $0.name != entry.server.name && !$0.isReverseProxy }.map(\.name)
        guard !others.isEmpty else { return "has '\(name)', but there is no other server to fall back to" }
        return "has an unknown server '\(name)'; \(NearestName.hint(name, among: others))"
    }

    /// - Parameter path: the servers that led here.
    private mutating func follow(_ entry: ServerEntry, after path: [String]) throws(ConfigurationError) {
        guard !finished.contains(entry.server.name) else { return }
        guard path.count < Self.longest else {
            throw entry.section.error("fallbacks", "lead over more than \(Self.longest) servers; take some out")
        }
        let path = path + [entry.server.name]
        for element in entry.fallbacks {
            if let start = path.firstIndex(of: element.text) {
                let cycle = (path[start...] + [element.text]).joined(separator: " → ")
                throw entry.section.error(
                    "fallbacks", "lead round in a circle: \(cycle); take one of them out", line: element.line)
            }
            if let next = byName[element.text] { try follow(next, after: path) }
        }
        finished.insert(entry.server.name)
    }
}
