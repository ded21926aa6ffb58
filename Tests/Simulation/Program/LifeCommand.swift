import ArgumentParser
import SimulatedWorld

/// `simulate life`
struct LifeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "life", abstract: "Runs one life, and prints its table and who does what when.")

    @Argument(help: "The life's seed.")
    var seed: UInt64

    func run() throws {
        let life = try Life(seed: seed, TableCache(), traced: true)
        print(life.table.yaml)
        let findings = life.run()
        for event in life.events { print(event) }
        print("\n\(findings.count) findings")
        for finding in findings { print("After \(finding.at) ms: \(finding.invariant.rawValue).\n  \(finding.detail)") }
        if !findings.isEmpty { throw ExitCode.failure }
    }
}
