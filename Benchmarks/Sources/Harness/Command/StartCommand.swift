import ArgumentParser
import Foundation

struct StartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Time from exec to the first poll, and to the first byte of the first answer.")

    @OptionGroup var program: ProgramArguments

    @Option(help: "How often to start it.")
    var runs = 21

    @Flag(help: "Drop the page cache before each start. Needs root.")
    var cold = false

    func run() throws {
        DescriptorLimit.raise()
        let times = try (0..<runs).map { _ in
            if cold { try PageCache.drop() }
            return try StartTimes.measure(program.kind, program.command)
        }
        try print(JSONLines.encode(times))
    }
}
