import ArgumentParser

/// The command line of `simulate`.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs the proxy in a simulated world.",
        subcommands: [LivesCommand.self, LifeCommand.self, TableCommand.self], defaultSubcommand: LivesCommand.self)
}
