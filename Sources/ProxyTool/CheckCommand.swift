import ArgumentParser
import FoundationEssentials
@preconcurrency import Glibc
import Proxy
import ProxyConfiguration

/// `proxy-tool check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Load a table of servers as the proxy would, and say what it gives.",
        discussion: """
            Variables are taken from the environment. One that is missing in a server or a key is a warning. If the \
            proxy would not start, the reason goes to stderr, with file and line, and the status is 1.
            """)

    @Argument(help: "The table. (default: where the proxy looks for it)")
    var file: String?

    func run() throws {
        let environment = ProcessInfo.processInfo.environment
        do throws(ConfigurationError) {
            let file = try configuration(environment)
            let loaded = try LoadedTable(parsing: file.text, file: file.path, environment: environment)
            print(TableReport(loaded, at: Int64(Date().timeIntervalSince1970)).text, terminator: "")
        } catch {
            fputs("\(error)\n", stderr)
            throw ExitCode.failure
        }
    }

    private func configuration(_ environment: [String: String]) throws(ConfigurationError) -> ConfigurationFile {
        if let file { try ConfigurationFile(at: file) } else { try ConfigurationFile(in: environment) }
    }
}
