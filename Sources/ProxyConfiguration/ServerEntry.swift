import Proxy
import YAML

/// A server from the file, with the lines of its fallbacks: they can be checked only when all servers are known.
struct ServerEntry {
    let server: Server
    let section: Section
    /// The server's fallbacks, with their lines.
    let fallbacks: [Section.Element]
    /// `stream_usage`. If nil, the proxy asks for usage only where something counts it.
    let asksForUsage: Bool?

    private static let keys =
        [
            "url", "token", "model", "model_aliases", "fallbacks", "num_retries", "retry_on_status", "timeout",
            "connect_timeout", "ttft_timeout", "stream_idle_timeout", "keepalive_seconds", "endpoints",
            "reverse_proxy", "auth_header", "forward_headers", "commit_early", "expects_done", "preconnect",
            "stream_usage", "model_costs", "provider", "region", "auth", "service", "cache",
        ] + Server.costKeys + Section.extrasKeys + Section.limitKeys
    private static let aliases = ["api_base": "url", "base_url": "url", "api_key": "token"]
    /// The first segments of the proxy's own paths.
    private static let reserved = ["v1": "/v1/models", "health": "/health"]

    init(_ member: YAMLNode.Member, _ context: LoadContext) throws(ConfigurationError) {
        let name = member.key
        guard Self.isSegment(name) else {
            throw context.error(member.line, "'\(name)' can't be a server's name: it is the first part of a path")
        }
        guard !ForeignReference.stands(inKey: name) else {
            throw context.error(
                member.line,
                "'\(name)' can't be a server's name: it looks like a variable, but variables work only in values")
        }
        if let path = Self.reserved[name] {
            throw context.error(member.line, "'\(name)' can't be a server's name: \(path) is the proxy's own path")
        }
        var section = try Section(
            member.value, "server '\(name)'", keys: Self.keys, aliases: Self.aliases, context)
        fallbacks = try section.elements("fallbacks") ?? []
        var server = try Server(name, &section)
        server.fallbacks = fallbacks.map(\.text)
        asksForUsage = try section.word("stream_usage", of: ["auto": true, "off": false])
        server.missingVariables = section.missing
        (self.server, self.section) = (server, section)
    }

    /// Compares bytes: a slash with a combining accent is a different `Character`, but it still separates segments.
    private static func isSegment(_ name: String) -> Bool {
        let separators = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
        let isPlain = name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !separators.contains($0) }
        return isPlain && !name.isEmpty && !name.utf8.isDotSegment
    }
}

extension ServerEntry {
    /// The server, with what depends on the settings: its cache, and `asksForUsage` set as the table says, or else if
    /// some price or limit needs the usage.
    /// - Parameter cache: the policy of servers that don't have their own.
    func completed(
        for grants: [Grant], _ cache: CachePolicy?, _ settings: Settings
    ) throws(ConfigurationError) -> Server {
        var (server, section) = (server, section)
        guard !server.isReverseProxy else { return server }
        server.cache = try section.serverCache(over: cache, in: settings)
        server.missingVariables = section.missing
        let isCounted =
            !server.prices.isEmpty || server.quotaSet.countsUsage
            || grants.contains { $0.countsUsage(at: server) }
        server.asksForUsage = asksForUsage ?? isCounted
        return server
    }
}

/// Checks that all fallbacks name known servers and form no cycle. They are followed from server to server.
struct FallbackCheck {
    private let entries: [ServerEntry]
    private let byName: [String: ServerEntry]
    /// No caller waits for so many servers to fail.
    private static let longest = 1000

    static func run(_ entries: [ServerEntry]) throws(ConfigurationError) {
        let check = FallbackCheck(entries)
        for entry in entries { try check.judge(entry) }
        try check.followAll()
    }

    private init(_ entries: [ServerEntry]) {
        self.entries = entries
        byName = Dictionary(entries.map { ($0.server.name, $0) }) { first, _ in first }
    }

    private func judge(_ entry: ServerEntry) throws(ConfigurationError) {
        guard !entry.fallbacks.isEmpty else { return }
        guard !entry.server.isReverseProxy else {
            throw entry.section.error("fallbacks", "can't be combined with 'reverse_proxy'; remove one of them")
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
        if name == entry.server.name { return "names the server itself; remove it" }
        if seen.contains(name) { return "has '\(name)' twice; remove one" }
        return server.isReverseProxy ? "has '\(name)', which is a reverse proxy; remove it" : nil
    }

    private func unknown(_ name: String, in entry: ServerEntry) -> String {
        let others = entries.map(\.server).filter { $0.name != entry.server.name && !$0.isReverseProxy }.map(\.name)
        guard !others.isEmpty else { return "has '\(name)', but there is no other server to fall back to" }
        return "has an unknown server '\(name)'; \(NearestName.hint(name, among: others))"
    }

    private func followAll() throws(ConfigurationError) {
        let byName = byName
        var chains = NameChains(longest: Self.longest) { byName[$0]?.fallbacks.map(\.text) ?? [] }
        for entry in entries {
            do throws(NameChains.Fault) {
                try chains.follow(entry.server.name)
            } catch {
                let last = error.path.last.flatMap { byName[$0] } ?? entry
                let line = last.fallbacks.first { $0.text == error.back }?.line
                throw last.section.error("fallbacks", chains.words(error, "servers"), line: line)
            }
        }
    }
}
