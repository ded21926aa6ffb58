import ArgumentParser

/// The command line of `proxy-tool`.
@main
struct ProxyTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proxy-tool",
        abstract: "Makes client keys for the proxy, and checks its table of servers.",
        subcommands: [KeyCommand.self, CheckCommand.self])
}
