import ArgumentParser
import Calendar
import FoundationEssentials
@preconcurrency import Glibc
import Proxy
import ProxyConfiguration

/// `proxy-tool check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a table of servers and summarize it.",
        discussion: """
            The table is loaded as the proxy loads it, with variables from the environment. A missing variable of a \
            server or key is a warning. If the proxy would not start, the reason is written to stderr, with file and \
            line, and the exit status is 1.
            """)

    @Argument(help: "The table. (default: the file that the proxy would load)")
    var file: String?

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        do throws(ConfigurationError) {
            let file = try configuration(environment)
            let loaded = try LoadedTable(parsing: file.text, file: file.path, environment: environment)
            print(TableReport(loaded, at: Int64(Date().timeIntervalSince1970)).text, terminator: "")
        } catch {
            fputs("\(error)\n", stderr)
            throw ExitCode.failure
        }
    }

    private func configuration(_ environment: [String: String]) throws(ConfigurationError) -> ConfigurationFile {
        if let file { try ConfigurationFile(at: file) } else { try ConfigurationFile(in: environment) }
    }
}

/// The summary of a table, in lines for its owner.
struct TableReport {
    private(set) var text = ""

    /// - Parameter now: in seconds since 1970.
    init(_ loaded: LoadedTable, at now: Int64) {
        let settings = loaded.table.settings
        for server in loaded.table.servers { add("server \(server.name): \(Self.facts(of: server))") }
        for key in settings.virtualKeys { add("key \(key.name): \(Self.facts(of: key, at: now))") }
        add("store: \(Self.facts(of: settings))")
        for warning in loaded.warnings + Self.expired(settings.virtualKeys, at: now) { add("warning: \(warning)") }
    }

    private mutating func add(_ line: String) { text += line + "\n" }

    private static func facts(of server: Server) -> String {
        var facts = [server.urls.map(\.text).joined(separator: " and ")]
        if server.isReverseProxy { facts.append("reverse proxy") }
        facts += server.quotaSet.words
        if !server.prices.isEmpty { facts.append("has prices") }
        if let cache = server.cache { facts.append(cache.words) }
        if server.asksForUsage { facts.append("asks for the usage of streams") }
        return facts.joined(separator: "; ")
    }

    private static func facts(of key: VirtualKey, at now: Int64) -> String {
        var facts = ["id \(key.id)"]
        facts.append("servers: \(key.permissions.allowedServers.map { $0.sorted().joined(separator: ", ") } ?? "all")")
        facts.append("models: \(key.permissions.allowedModels.map { $0.map(\.text).joined(separator: ", ") } ?? "all")")
        facts += key.limits.quotaSet.words
        for (server, quotaSet) in key.limits.serverQuotaSets.sorted(by: { $0.key < $1.key }) {
            facts += quotaSet.words.map { "\($0) at \(server)" }
        }
        switch key.permissions.caching {
        case .asServer: break
        case .off: facts.append("no cache")
        case .namespace(let name): facts.append("cache namespace \(name)")
        }
        if let expires = key.expires {
            facts.append("\(expires > now ? "expires" : "expired") \(Timestamp(seconds: expires).text)")
        }
        return facts.joined(separator: "; ")
    }

    private static func facts(of settings: Settings) -> String {
        let policy = "requests \(settings.allowsWithoutStore ? "pass" : "are refused") when it fails"
        guard case .dynamoDB(let table, let region, let endpoint) = settings.store else { return "memory" }
        let place = endpoint ?? region ?? "the function's region"
        return "DynamoDB, table \(table), \(place); \(policy)"
    }

    private static func expired(_ keys: [VirtualKey], at now: Int64) -> [String] {
        keys.filter { ($0.expires ?? .max) <= now }.map { key in
            "the virtual key '\(key.name)' has expired; set a later date in 'expires', or remove the key"
        }
    }
}

extension CachePolicy {
    /// A short phrase.
    var words: String {
        let places = layers.map(\.rawValue).joined(separator: ", ")
        return "caches responses for \(ttl) s in \(places)\(isShared ? ", shared by all callers" : "")"
    }
}

extension QuotaSet {
    /// A short phrase for each limit.
    var words: [String] {
        let quotas = quotas.map { quota in
            switch quota.measure {
            case .requests: "\(quota.amount) requests a \(quota.period.rawValue)"
            case .tokens: "\(quota.amount) tokens a \(quota.period.rawValue)"
            case .cost: "\(dollars(quota.amount)) dollars a \(quota.period.rawValue)"
            }
        }
        return quotas + (parallel.map { ["\($0) at once"] } ?? [])
    }

    private func dollars(_ billionths: Int) -> String {
        billionths.isMultiple(of: 1_000_000_000) ? "\(billionths / 1_000_000_000)" : "\(Double(billionths) / 1e9)"
    }
}
