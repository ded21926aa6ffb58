import CHarness
import Foundation

/// The program that is measured, as a child process that ends with this object.
final class Subject: Watcher {
    struct Memory {
        let resident: Int
        let peak: Int
    }

    let started: UInt64
    private let process: pid_t
    private let descriptor: Int32
    private let log: String
    private let reactor: Reactor
    private(set) var isRunning = true

    /// The program gets only this environment and PATH, HOME and LANG. If it ends, `reactor` fails.
    init(_ command: [String], _ environment: [String: String], _ reactor: Reactor) throws(Fault) {
        log = NSTemporaryDirectory() + "harness-\(getpid()).log"
        let inherited = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        let (started, process) = Self.spawn(command, inherited.merging(environment) { $1 }, log)
        guard let process else { throw Fault("can't start \(command[0])") }
        self.process = process
        self.started = started
        self.reactor = reactor
        descriptor = harness_pidfd(process)
        reactor.watch(descriptor, self)
    }

    deinit { end() }

    func processorTime() -> UInt64 { Clock.processorTime(of: process) }

    func ready(_ events: UInt32) {
        reactor.fail("the program ended. Its last lines:\n\(lastWords())")
        end()
    }

    func memory() -> Memory {
        let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        func bytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return line.flatMap { Int($0.filter(\.isNumber)) }.map { $0 * 1024 } ?? 0
        }
        return Memory(resident: bytes("VmRSS:"), peak: bytes("VmHWM:"))
    }

    /// With SIGTERM the program can shut down cleanly.
    func end(with signal: Int32 = SIGKILL) {
        guard isRunning else { return }
        isRunning = false
        reactor.forget(descriptor)
        close(descriptor)
        kill(process, signal)
        waitpid(process, nil, 0)
        unlink(log)
    }

    func lastWords() -> String {
        let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        return words.split(separator: "\n").suffix(20).joined(separator: "\n")
    }

    private static func spawn(_ command: [String], _ variables: [String: String], _ log: String) -> (UInt64, pid_t?) {
        let output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(output) }
        let arguments = command.map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + environment).forEach { free($0) } }
        let started = Clock.now()
        let process = harness_spawn(arguments, environment, output)
        return (started, process > 0 ? process : nil)
    }
}
