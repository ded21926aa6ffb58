import ArgumentParser

@main
struct Harness: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure a relay between a caller and an upstream, both played by this program. Prints JSON.",
        subcommands: [StartCommand.self, WorkCommand.self])
}

extension Rig.Kind: ExpressibleByArgument {}

/// The program that both commands measure.
struct ProgramArguments: ParsableArguments {
    @Option(help: "The kind of program: \(Rig.Kind.allCases.map(\.rawValue).joined(separator: ", ")) (no program).")
    var kind = Rig.Kind.lambda

    @Argument(parsing: .postTerminator, help: "The program and its arguments.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty != (kind == .direct) {
            throw ValidationError("Name a program behind --, or none with --kind direct.")
        }
    }
}
