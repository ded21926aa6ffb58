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
        for issuer in settings.tokenIssuers { addLines(about: issuer) }
        add("store: \(Self.facts(of: settings))")
        for warning in loaded.warnings + Self.expired(settings.virtualKeys, at: now) { add("warning: \(warning)") }
    }

    private mutating func add(_ line: String) { text += line + "\n" }

    /// One for the issuer, one for its users, and one for each plan.
    private mutating func addLines(about issuer: TokenIssuer) {
        let name = issuer.name
        add("issuer \(name): \((issuer.words + issuer.limits.words).joined(separator: "; "))")
        add("users of \(name): \(Self.facts(of: issuer.permissions, issuer.userLimits).joined(separator: "; "))")
        for plan in issuer.plans {
            let facts = plan.requirements.map(\.words) + Self.facts(of: plan.permissions, plan.limits)
            add("plan \(plan.name) of \(name): \(facts.joined(separator: "; "))")
        }
    }

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
        var facts = ["id \(key.id)"] + facts(of: key.permissions, key.limits)
        if let expires = key.expires {
            facts.append("\(expires > now ? "expires" : "expired") \(Timestamp(seconds: expires).text)")
        }
        return facts.joined(separator: "; ")
    }

    private static func facts(of permissions: Permissions, _ limits: CallerLimits) -> [String] {
        let servers = permissions.allowedServers.map { $0.sorted().joined(separator: ", ") }
        let models = permissions.allowedModels.map { $0.map(\.text).joined(separator: ", ") }
        return ["servers: \(servers ?? "all")", "models: \(models ?? "all")"] + limits.words
            + permissions.caching.words
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
