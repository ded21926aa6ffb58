import LambdaRuntime
import Proxy
import ProxyConfiguration
import Transport

/// One life: a table, a load and a world, all drawn from a seed, in which the real program runs.
///
/// `@unchecked Sendable`: a life runs on one thread.
package final class Life: @unchecked Sendable {
    let draw: Draw
    package let table: TablePlan
    package let plan: WorldPlan
    let loaded: ServerTable
    package let schedule: Schedule
    /// By number. Nil for requests that the life does without.
    package private(set) var visits: [Visit?] = []
    package private(set) var calls: [ServerCall] = []
    package private(set) var findings: [Finding] = []
    /// Takes lines of who does what when.
    private let onEvent: ((String) -> Void)?
    let keepsLog: Bool
    private(set) lazy var store = SimulatedStore(self, draw.of(.store))
    /// Those that run, by their place.
    private(set) var processes: [SimulatedProcess] = []
    /// All that have ever run.
    private(set) var everyProcess: [SimulatedProcess] = []
    /// When each process was told to end, by its number.
    private(set) var terminations: [Int: Int64] = [:]
    private(set) var exits: [Int: Int64] = [:]
    /// Whose run loop has returned.
    private(set) var returned: Set<Int> = []
    /// When each process began to end because the Runtime API had failed.
    private(set) var failures: [Int: Int64] = [:]
    /// How many calls the tokens' issuer has got.
    private var issuerCalls = 0
    private var isOver = false

    /// - Parameters:
    ///   - tables: the tables of lives with other seeds, since loading one takes as long as a life.
    ///   - choices: nil to draw everything.
    ///   - onEvent: takes lines of who does what when.
    package init(
        seed: UInt64, _ tables: TableCache, _ choices: Choices? = nil, onEvent: ((String) -> Void)? = nil
    ) throws {
        draw = Draw(seed: seed, choices)
        self.onEvent = onEvent
        let entry = try tables.entry(for: seed, choices)
        (table, loaded) = (entry.plan, entry.table)
        plan = WorldPlan(table, draw)
        schedule = Schedule(draw.of(.order))
        keepsLog = onEvent != nil || seed % 8 == 0
        visits = (0..<plan.requests).map { RequestPlan($0, table, plan, draw).map { Visit($0) } }
    }

    /// Runs to the end.
    /// - Returns: what was violated.
    package func run() -> [Finding] {
        processes = plan.skews.enumerated().map { SimulatedProcess($0.offset, skew: $0.element, in: self) }
        everyProcess = processes
        for process in processes { process.start() }
        for visit in visits { if let visit { arrange(visit) } }
        for end in plan.ends {
            schedule.after(end.at) { [self] in
                if end.isKill { processes[end.process].kill() } else { processes[end.process].terminate() }
            }
        }
        for freeze in plan.freezes {
            schedule.after(freeze.from) { [self] in processes[freeze.process].api.freeze(for: freeze.length) }
        }
        guard schedule.run() else {
            report(.ends, "the life goes on after \(schedule.steps) steps")
            return findings
        }
        checkQuiet()
        isOver = true
        for process in processes { process.terminate() }
        guard schedule.run() else {
            report(.ends, "the processes don't end")
            return findings
        }
        checkEnd()
        return findings
    }

    private func arrange(_ visit: Visit) {
        schedule.after(visit.plan.arrival) { [self] in processes[visit.plan.process].api.add(visit) }
    }

    /// A process has ended. Lambda starts another one for what comes later.
    func replace(_ process: SimulatedProcess) {
        guard !isOver, let place = processes.firstIndex(where: { $0 === process }) else { return }
        let successor = SimulatedProcess(everyProcess.count, skew: process.skew, in: self)
        processes[place] = successor
        everyProcess.append(successor)
        successor.start()
        for visit in process.api.waiting { successor.api.add(visit) }
    }

    // MARK: What has happened

    var isTraced: Bool { onEvent != nil }

    func trace(_ who: @autoclosure () -> String, _ what: @autoclosure () -> String) {
        guard let onEvent else { return }
        let time = schedule.now - schedule.start
        onEvent("\(time) ms".leftPadded(to: 10) + "  \(who()): \(what())")
    }

    package func report(_ invariant: Invariant, _ detail: String) {
        trace("FOUND", "\(invariant.rawValue): \(detail)")
        guard findings.count < 20 else { return }
        findings.append(
            Finding(invariant: invariant, detail: detail, at: Int(schedule.now - schedule.start)))
    }

    /// How many calls were made for a request.
    func calls(for request: Int) -> Int {
        guard request < visits.count, let visit = visits[request] else { return 0 }
        return visit.calls.reduce(0) { $0 + 1 + calls[$1].others.count }
    }

    func note(_ call: ServerCall) {
        trace(
            "process \(call.process)",
            "makes call-\(call.number) to s\(call.server)\(call.url) for id-\(call.request ?? -1): \(call.behaviour)")
        calls.append(call)
        check(call)
        guard let visit = visit(of: call) else { return }
        if let first = first(beside: call, visit) { first.others.append(call) } else { visit.calls.append(call.number) }
    }

    /// The call with which the attempt began that a call belongs to; nil if it begins one itself. After a failure there
    /// are no more calls for the same attempt.
    func first(beside call: ServerCall, _ visit: Visit) -> ServerCall? {
        guard let part = call.part, let first = visit.calls.last.map({ calls[$0] }),
            (first.server, first.url) == (call.server, call.url)
        else { return nil }
        let isNext = first.all.contains { $0.part == part || $0.exchange.ended ?? .max < call.opened && $0.isRefused }
        return isNext ? nil : first
    }

    func note(_ answer: CallerAnswer, of visit: Visit, _ process: Int) {
        trace("process \(process)", "answers \(visit.id)\(answer.isError ? " with an error" : "")")
        visit.answers.append(answer)
        check(answer, of: visit, process)
    }

    func noteProgress(of visit: Visit) { checkMemory(of: visit) }

    func note(record line: [UInt8], _ process: Int) {
        trace("record", String(decoding: line.dropLast(), as: UTF8.self))
        checkSecrets(in: line, "a record")
        guard let record = RecordView(line) else { return report(.counted, "a record isn't JSON") }
        guard let visit = visit(record.requestID) else {
            return report(.counted, "a record of an unknown request: \(record.requestID)")
        }
        visit.records.append(record)
        if !record.isAboutUncounted { visit.recorded = schedule.now }
    }

    func note(log line: String, _ process: Int) {
        trace("log of process \(process)", line)
        checkSecrets(in: Array(line.utf8), "the log")
    }

    func visit(_ id: String) -> Visit? {
        Int(id.dropFirst(3)).flatMap { visits.indices.contains($0) ? visits[$0] : nil }
    }

    func process(of loop: SimulatedLoop) -> Int { everyProcess.first { $0.loop === loop }?.number ?? -1 }

    func noteTermination(of process: Int) { terminations[process] = terminations[process] ?? schedule.now }

    func noteReturn(of process: Int) { returned.insert(process) }

    func noteFailure(of process: Int) {
        failures[process] = schedule.now
        let polls = everyProcess[process].api.failures
        if polls.others == 0, polls.resets < 2, exits[process] == nil {
            report(.nothingLeft, "process \(process) ends after a reset poll")
        }
    }

    func noteKill(of process: Int) {
        noteExit(of: process)
        for visit in visits where visit?.process == process && visit?.handedOver != nil { visit?.isLost = true }
    }

    /// - Returns: the number of the call.
    func noteIssuerCall() -> Int {
        issuerCalls += 1
        return issuerCalls
    }

    func noteExit(of process: Int) { exits[process] = schedule.now }
}

extension String {
    fileprivate func leftPadded(to length: Int) -> String {
        String(repeating: " ", count: max(0, length - utf8.count)) + self
    }
}

/// The last table that was loaded. Lives whose seeds differ in the last five bits share it.
package final class TableCache {
    struct Entry {
        let plan: TablePlan
        let table: ServerTable
    }

    private var last: (seed: UInt64, entry: Entry)?

    package init() {}

    func entry(for seed: UInt64, _ choices: Choices?) throws -> Entry {
        let tableSeed = seed >> 5
        if let last, last.seed == tableSeed, choices == nil { return last.entry }
        let plan = TablePlan(Draw(seed: ~tableSeed, choices))
        let text = plan.yaml
        let loaded: LoadedTable
        do throws(ConfigurationError) {
            loaded = try LoadedTable(
                parsing: Array(text.utf8), file: "openai_servers.yaml", environment: FunctionEnvironment.credentials)
        } catch {
            throw TableError(description: "\(error)\n\(text)")
        }
        let entry = Entry(plan: plan, table: loaded.table)
        if choices == nil { last = (tableSeed, entry) }
        return entry
    }

    struct TableError: Error, CustomStringConvertible { let description: String }
}
