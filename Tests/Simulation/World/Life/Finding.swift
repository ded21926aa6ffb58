/// What must be true of every life.
package enum Invariant: String, CaseIterable, Sendable {
    case answeredOnce = "every invocation is answered exactly once, to its own id"
    case inTime = "every invocation is answered before it ends"
    case ownBytes = "an answer carries only bytes of its own request"
    case completeness = "complete answers are complete, and others say so, once"
    case counted = "what a server received is what headers and record say"
    case noSecondTry = "nothing is sent again after a byte has reached the caller"
    case consent = "nothing is sent without every limit's consent"
    case requestLimits = "no more requests are sent than a limit allows, over all processes"
    case needlessRefusals = "nobody is refused without a reason"
    case openLimits = "no more requests are open than a limit allows, over all processes"
    case nothingLeft = "at the end no permit, lease, timer, transfer or pipe is left"
    case usage = "usage charged equals usage sent, and where the store lost something, the record says so"
    case attempts = "fallbacks, waits and deadlines obey the documented table"
    case secrets = "nothing secret appears in any output, and each server gets its own token only"
    case cacheIsolation = "a cached answer is whole, and goes only to who could have asked for it"
    case memory = "memory held is bounded by what is open"
    case ends = "a life ends"
}

/// A violation.
package struct Finding: Sendable {
    package let invariant: Invariant
    package let detail: String
    /// In milliseconds from the beginning of the life.
    package let at: Int
}
