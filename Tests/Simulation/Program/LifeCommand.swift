import ArgumentParser
import SimulatedWorld

/// `simulate life`
struct LifeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "life", abstract: "Runs one life, and prints its table, its world, and who does what when.")

    @Argument(help: "The life's seed.") var seed: UInt64
    @Flag(help: "Leave out what the life doesn't need to violate the same invariant.") var shrink = false

    func run() throws {
        CrashHandler.install()
        if LifePrinter.run(seed, isShrunk: shrink) { throw ExitCode.failure }
    }
}
