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
            The entry for `settings.virtual_keys` goes to stdout. It has the key's hash, from which nobody gets the \
            key back. The key itself goes to stderr, once, in a line of its own: give that to the client.

            EXAMPLES
              proxy-tool key new --name web-app --expires 2027-01-31
              proxy-tool key new --name web-app 2>key.txt >>openai_servers.yaml
                  where the list of keys is the end of the table; the key is the line of key.txt that begins with sk-
            """)

    @Option(help: "Who the key is for; each name only once.")
    var name: String

    @Option(
        help: ArgumentHelp(
            "What stands for the key in logs and counters; public. (default: 8 random letters and digits)",
            discussion: "1 to 64 letters, digits, '-', '_' and '.'."))
    var id: String?

    @Option(
        help: ArgumentHelp(
            "From when on it opens nothing: a day (2027-01-31) or a moment (2027-01-31T12:00:00Z) of UTC.",
            valueName: "when"))
    var expires: String?

    func validate() throws {
        if let problem = NewKey(name: name, id: id, expires: expires).problem { throw ValidationError(problem) }
        if let moment = expires.flatMap({ Timestamp($0) }), moment.seconds <= time(nil) {
            throw ValidationError("A key that expires \(moment.text) would open nothing: that has passed.")
        }
    }

    func run() throws {
        let key = NewKey(name: name, id: id, expires: expires)
        // First of all, so that a full disk leaves no entry for a key that nobody knows.
        fputs("The key, shown only now:\n\(key.text)\n\nIts entry in settings.virtual_keys:\n", stderr)
        print(key.entry)
    }
}
