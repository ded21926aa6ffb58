import ArgumentParser
import Calendar
@preconcurrency import Glibc

/// The command line of `proxy-tool`.
@main
struct ProxyTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy-tool",
        abstract: "Makes client keys for the proxy, and checks its table of servers.",
        subcommands: [KeyCommand.self, CheckCommand.self])
}

/// `proxy-tool key`
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Client keys.", subcommands: [NewKeyCommand.self])
}

/// `proxy-tool key new`
struct NewKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a key for a client.",
        discussion: """
            The entry for `settings.virtual_keys` is written to stdout. It contains a hash of the key, from which the \
            key can't be recovered. The key itself is written to stderr, on its own line, and isn't stored anywhere: \
            give it to the client.

            EXAMPLES
              proxy-tool key new --name web-app --expires 2027-01-31
              proxy-tool key new --name web-app 2>key.txt >>openai_servers.yaml
                  if the list of keys is at the end of the table; the key is the line of key.txt that begins with sk-
            """)

    @Option(help: "Who the key is for; must be unique.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "The public id of the key in logs and counters. (default: 8 random letters and digits)",
            discussion: "1 to 64 letters, digits, '-', '_' and '.'."))
    var id: String?

    @Option(
        help: ArgumentHelp(
            "When the key expires: a day (2027-01-31) or a time (2027-01-31T12:00:00Z) in UTC.",
            valueName: "when"))
    var expires: String?

    func validate() throws {
        if let problem = NewKey(name: name, id: id, expires: expires).problem { throw ValidationError(problem) }
        if let moment = expires.flatMap({ Timestamp($0) }), moment.seconds <= time(nil) {
            throw ValidationError("\(moment.text) is in the past. Give a later time with --expires.")
        }
    }

    func run() throws {
        let key = NewKey(name: name, id: id, expires: expires)
        // The key comes first, so that a full disk doesn't leave an entry whose key is lost.
        fputs("The key, shown only now:\n\(key.text)\n\nIts entry in settings.virtual_keys:\n", stderr)
        print(key.entry)
    }
}
