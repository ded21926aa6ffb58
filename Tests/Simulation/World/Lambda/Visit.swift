/// One request of the load, and what became of it.
package final class Visit {
    package let plan: RequestPlan
    /// The process that got it.
    package var process = 0
    /// When Lambda has handed over the whole event.
    package var handedOver: Int64?
    /// When Lambda ends the invocation, in milliseconds since 1970.
    package var deadline: Int64?
    package var answers: [CallerAnswer] = []
    package var records: [RecordView] = []
    /// When its record was written. At the same moment it is decided in which periods its usage counts.
    package var recorded: Int64?
    /// The numbers of the calls to servers that were made for it; if an attempt takes several, of the first one.
    package var calls: [Int] = []
    /// The event never arrived whole, or the process was killed.
    package var isLost = false

    package var id: String { "id-\(plan.number)" }

    /// When the answer must have come, in milliseconds since 1970: an HTTP API waits for 30 s, and the proxy gives up a
    /// second earlier.
    var end: Int64? {
        guard plan.door == .httpAPI, let handedOver else { return deadline }
        return min(deadline ?? .max, handedOver + 29_000)
    }

    init(_ plan: RequestPlan) { self.plan = plan }
}

/// What the program has sent to the Runtime API for one invocation.
package final class CallerAnswer {
    package enum Ending: Equatable { case open, complete, partial, cutOff }

    /// Whether it was sent to `/error`.
    package let isError: Bool
    package let begun: Int64
    package var ended: Int64?
    package var bytes: [UInt8] = []
    package var ending = Ending.open
    package let isStreamed: Bool

    init(isError: Bool, isStreamed: Bool, at now: Int64) {
        (self.isError, self.isStreamed, begun) = (isError, isStreamed, now)
    }
}
