package import Transport

/// The clock of a world, and everything that waits for its turn: Swift's jobs, arriving bytes, timers.
///
/// When nothing is ready, the clock jumps to the next event.
///
/// `@unchecked Sendable`: a life runs on one thread.
package final class Schedule: @unchecked Sendable {
    /// In the evening of 2026-11-21, in milliseconds since 1970.
    private static let beginning: Int64 = 1_795_287_942_000
    /// From then until shortly before midnight, in milliseconds.
    private static let untilMidnight: Int64 = 17_650_000
    /// More steps than any life needs. A life that takes more never ends.
    private static let mostSteps = 400_000

    /// When the life begins. In milliseconds since 1970.
    package let start: Int64
    package private(set) var now: Int64
    package private(set) var steps = 0
    private var ready: [(loop: SimulatedLoop, job: UnownedJob)] = []
    private var nextReady = 0
    private var events: [Event] = []
    private var count: UInt64 = 0
    private var draw: Draw
    /// Whether the order of what is ready is drawn. Otherwise it is that of the program's own loop.
    private let drawsOrder: Bool

    private struct Event {
        let id: TimerID
        let action: () -> Void
    }

    package init(_ draw: Draw) {
        self.draw = draw
        drawsOrder = self.draw.chance(70)
        start = Self.beginning + (self.draw.chance(25) ? Self.untilMidnight : 0)
        now = start
    }

    /// Calls an action at a time, in milliseconds since 1970.
    @discardableResult
    package func at(_ due: Int64, _ action: @escaping () -> Void) -> TimerID {
        count += 1
        let id = TimerID(due: max(due, now), number: count)
        events.insert(Event(id: id, action: action), at: index(of: id))
        return id
    }

    @discardableResult
    package func after(_ milliseconds: Int, _ action: @escaping () -> Void) -> TimerID {
        at(now + Int64(max(0, milliseconds)), action)
    }

    /// - Returns: whether it was still to come.
    @discardableResult
    package func cancel(_ id: TimerID) -> Bool {
        let index = index(of: id)
        guard index < events.count, events[index].id == id else { return false }
        events.remove(at: index)
        return true
    }

    func enqueue(_ job: UnownedJob, on loop: SimulatedLoop) { ready.append((loop, job)) }

    /// Runs until nothing is left to do.
    /// - Returns: false if the life takes too many steps.
    package func run() -> Bool {
        while steps < Self.mostSteps {
            steps += 1
            if !step() { return true }
        }
        return false
    }

    private func step() -> Bool {
        let jobs = ready.count - nextReady
        if jobs > 0 {
            let due = drawsOrder ? dueEvents : 0
            let choice = drawsOrder ? draw.pick(jobs + due) : 0
            if choice >= jobs { runEvent(behind: choice - jobs) } else { runJob(choice) }
            return true
        }
        guard let next = events.last else { return false }
        now = max(now, next.id.due)
        runEvent(behind: drawsOrder ? draw.pick(dueEvents) : 0)
        return true
    }

    private func runJob(_ choice: Int) {
        ready.swapAt(nextReady, nextReady + choice)
        let (loop, job) = ready[nextReady]
        nextReady += 1
        if nextReady == ready.count {
            ready.removeAll(keepingCapacity: true)
            nextReady = 0
        }
        job.runSynchronously(isolatedTo: loop.asUnownedSerialExecutor(), taskExecutor: loop.asUnownedTaskExecutor())
    }

    /// - Parameter position: 0 for the next event, and so on.
    private func runEvent(behind position: Int) { events.remove(at: events.count - 1 - position).action() }

    /// How many events are due.
    private var dueEvents: Int {
        var count = 0
        while count < events.count, events[events.count - 1 - count].id.due <= now { count += 1 }
        return count
    }

    /// The index of an event, or where to insert it. The next event comes last.
    private func index(of id: TimerID) -> Int {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].id > id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
