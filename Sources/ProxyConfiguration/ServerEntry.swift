import Proxy
import YAML

/// A server as the file has it, with what is needed to point at its fallbacks: they can be judged only when all servers
/// are known.
struct ServerEntry {
    let server: Server
    let section: Section
    /// Those of the server, with their lines.
    let fallbacks: [Section.Element]
    /// `stream_usage`; nil if the table leaves it to what is counted.
    let asksForUsage: Bool?

    private static let keys =
        [
            "url", "token", "model", "model_aliases", "fallbacks", "num_retries", "retry_on_status", "timeout",
            "connect_timeout", "ttft_timeout", "stream_idle_timeout", "keepalive_seconds", "endpoints",
            "reverse_proxy", "auth_header", "forward_headers", "commit_early", "expects_done", "preconnect",
            "stream_usage", "model_costs",
        ] + Server.costKeys + Section.extrasKeys + Section.limitKeys
    private static let aliases = ["api_base": "url", "base_url": "url", "api_key": "token"]
    /// The proxy's own paths begin with these.
    private static let reserved = ["v1": "/v1/models", "health": "/health"]

    init(_ member: YAMLNode.Member, _ context: LoadContext) throws(ConfigurationError) {
        let name = member.key
        guard Self.isSegment(name) else {
            throw context.error(member.line, "'\(name)' can't be a server's name: it is the first part of a path")
        }
        guard !ForeignReference.stands(inKey: name) else {
            throw context.error(
                member.line,
                "'\(name)' can't be a server's name: it looks like a variable, but only values are replaced")
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

    /// Judged by bytes: a slash with an accent is another character than a slash, but separates all the same.
    private static func isSegment(_ name: String) -> Bool {
        let separators = [UInt8(ascii: "/"), UInt8(ascii: "\\")]
        let isPlain = name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !separators.contains($0) }
        return isPlain && !name.isEmpty && !name.utf8.isDotSegment
    }
}
