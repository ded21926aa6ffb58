package import Proxy
import YAML

/// A valid table, with warnings for its owner.
package struct LoadedTable {
    package var table: ServerTable
    package var warnings: [String]

    /// Reads a table.
    /// - Parameters:
    ///   - file: the file's name, for errors.
    ///   - environment: the variables that `${NAME}` reads.
    package init(
        parsing text: [UInt8], file: String, environment: [String: String]
    ) throws(ConfigurationError) {
        let context = LoadContext(file: file, environment: environment)
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLParser.parse(text, tagRefusal: Self.tagRefusal)
        } catch {
            throw context.error(error.line, error.message)
        }
        guard case .mapping(let members) = root?.value else {
            throw context.error(
                root?.line, "the file must list servers, each as 'name:' with 'url', 'token' and 'model' below")
        }
        var entries: [ServerEntry] = []
        for member in members where member.key != "settings" && !Self.isTemplate(member.key) {
            entries.append(try ServerEntry(member, context))
        }
        guard !entries.isEmpty else { throw context.error(nil, "the file lists no server") }
        try FallbackCheck.run(entries)
        var keys = VirtualKeyList(for: entries)
        var issuers = TokenIssuerList(for: entries)
        var settings = Settings()
        var cache: CachePolicy?
        if let node = root?["settings"] {
            settings = try Settings(node, &keys, &issuers, &cache, for: entries, context)
        }
        try settings.frontDoors.readVariables(context)
        let grants = settings.grants
        var servers: [Server] = []
        for entry in entries { servers.append(try entry.completed(for: grants, cache, settings)) }
        table = ServerTable(servers: servers, settings: settings)
        warnings = keys.warnings + issuers.warnings + settings.frontDoors.warnings(entries, context)
        warnings += Self.warnings(table, context)
    }

    /// A template for servers, which merge it with `<<: *name`. Its name begins with a dot, as in GitLab's files.
    private static func isTemplate(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: ".") }

    /// The tag isn't shown: it may be a secret that begins with an exclamation mark.
    private static let tagRefusal =
        "tags ('!…') are not supported; write ${NAME} to read the environment variable NAME, "
        + "or quote a text that begins with '!'"

    private static func warnings(_ table: ServerTable, _ context: LoadContext) -> [String] {
        var warnings: [String] = []
        if table.settings.allowAnonymous {
            warnings.append(
                "settings.allow_anonymous is on: ANYONE WHO KNOWS THIS PROXY'S URL CAN SPEND YOUR TOKENS")
        } else if table.settings.admitsNobody {
            warnings.append("settings.virtual_keys has no usable key, so callers need a server's own token")
        }
        for server in table.servers {
            warnings += server.token?.advice.map { "the token of the server '\(server.name)' \($0)" } ?? []
        }
        warnings += table.servers.flatMap(\.unusedPriceWarnings)
        warnings += table.cacheWarnings
        warnings += userIDKeyWarning(table.settings).map { [$0] } ?? []
        let unusable = table.servers.filter { !$0.missingVariables.isEmpty }
        warnings += missingVariables(of: unusable).map { [$0] } ?? []
        for name in unusable.flatMap(\.missingVariables) where context.environment[name]?.isEmpty == false {
            warnings.append("the environment variable \(name) can't be used: it \(context.problem(ofMissing: name))")
        }
        if table.settings.store == .memory, table.hasLimits {
            warnings.append(
                "limits are counted in memory, so each Lambda environment counts on its own; "
                    + "set settings.store to dynamodb to share the counts")
        }
        return warnings
    }

    private static func userIDKeyWarning(_ settings: Settings) -> String? {
        guard settings.userIDKey == nil,
            settings.tokenIssuers.contains(where: { !$0.logsUsers }) || settings.frontDoors.gatewayCallers != nil
        else { return nil }
        return
            "settings.user_id_key isn't set, so anybody who guesses the ID of a user can compute the hash that stands "
            + "for it in logs; set it, or the variable USER_ID_KEY, to what 'openssl rand -hex 24' prints"
    }

    /// One line for all servers with missing variables. It says how to set one.
    private static func missingVariables(of servers: [Server]) -> String? {
        guard let first = servers.first else { return nil }
        let setByLambda = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
            .filter { name in servers.contains { $0.missingVariables.contains(name) } }
        let note = setByLambda.isEmpty ? "" : "; Lambda itself sets \(setByLambda.listed)"
        guard servers.count > 1 else {
            let verb = first.missingVariables.count == 1 ? "is" : "are"
            return "the server '\(first.name)' can't be used until \(first.missingVariables.listed) \(verb) set in the "
                + "environment\(note)"
        }
        let list = servers.map { "\($0.name) (\($0.missingVariables.joined(separator: ", ")))" }.joined(separator: ", ")
        return "\(servers.count) servers can't be used until their variables are set in the environment: \(list)"
            + "\(note); for example, set \(first.missingVariables[0]) and start again"
    }
}

extension [String] {
    /// `A`, `A and B` or `A, B and C`.
    fileprivate var listed: String {
        let head = dropLast().joined(separator: ", ")
        return head.isEmpty ? last ?? "" : "\(head) and \(self[count - 1])"
    }
}

extension Settings {
    /// Whether only a server's own token opens the proxy.
    fileprivate var admitsNobody: Bool {
        virtualKeys.isEmpty && tokenIssuers.isEmpty && frontDoors.gatewayCallers == nil
            && frontDoors.directInvocation == nil
    }
}

extension ServerTable {
    fileprivate var hasLimits: Bool {
        servers.contains { !$0.quotaSet.isUnlimited } || settings.grants.contains { !$0.limits.isUnlimited }
    }
}

/// The context of a whole file: its name, for errors, and the environment.
struct LoadContext {
    let file: String
    let environment: [String: String]

    func error(_ line: Int?, _ message: String) -> ConfigurationError {
        ConfigurationError(file: file, line: line, message: message)
    }

    /// What is wrong with a variable that counts as missing, as the end of a sentence that begins with its name.
    func problem(ofMissing name: String) -> String {
        guard case .unusable(let reason) = VariableValue(environment[name], for: .secret) else { return "is not set" }
        return reason
    }
}
