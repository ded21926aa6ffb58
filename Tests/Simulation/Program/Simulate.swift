import ArgumentParser
import Glibc

/// The command line of `simulate`.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs the proxy in a simulated world.",
        subcommands: [LivesCommand.self, LifeCommand.self, TableCommand.self])

    static func main() {
        // The same seed gives the same life only if dictionaries have the same order in each process. Swift reads the
        // variable when the program starts.
        if getenv("SWIFT_DETERMINISTIC_HASHING") == nil {
            setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
            // Its backtraces would wait for a terminal.
            setenv("SWIFT_BACKTRACE", "enable=no", 1)
            execv("/proc/self/exe", CommandLine.unsafeArgv)
            perror("simulate can't start itself again with SWIFT_DETERMINISTIC_HASHING=1")
            Glibc.exit(1)
        }
        main(nil)
    }
}
