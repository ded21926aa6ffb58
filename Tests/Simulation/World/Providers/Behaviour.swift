package import Transport

/// What a server does with one request: the rows of the fault table, at drawn moments.
package enum Behaviour {
    case answers
    /// There is no connection.
    case fails(TransportError.Kind)
    case neverConnects
    /// The request is received, then the connection breaks.
    case resetsBeforeHead
    case stallsBeforeHead
    /// Something that isn't HTTP.
    case answersNonsense
    case refuses(Refusal)
    /// A good answer that goes wrong after this many bytes, in thousandths of its length.
    case breaks(at: Int, how: Break)
    /// An event with an error after this many events.
    case sendsErrorEvent(after: Int)
    case answersNothing
    case answersPage
    /// More after the end of the stream.
    case sendsBeyondEnd
    /// More than anybody reads at once.
    /// - Parameter isNoise: whether it can't be compressed.
    case floods(isNoise: Bool)
    /// 400 if the request asks for a stream's usage.
    case refusesUsage

    package enum Break { case reset, early, stall }

    package struct Refusal {
        package var status = 500
        /// In milliseconds.
        package var retryAfter: Int?
        package var shouldRetry: Bool?
        /// Whether the error repeats the token that was sent.
        package var reflects = false
        /// Whether the error reports usage.
        package var reportsUsage = false
    }
}

extension Behaviour {
    /// - Parameter faults: how often something goes wrong, of a hundred calls.
    init(faults: Int, _ draw: inout Draw) {
        guard draw.chance(faults) else {
            self = .answers
            return
        }
        switch draw.pick(16) {
        case 0, 1: self = .refuses(Refusal(&draw))
        case 2: self = .refuses(Refusal(status: draw.one(of: [429, 503]), retryAfter: 1 + draw.pick(3000)))
        case 3: self = .fails(draw.one(of: [.refused, .unresolved, .handshake, .tls]))
        case 4: self = .neverConnects
        case 5, 6: self = .resetsBeforeHead
        case 7: self = .stallsBeforeHead
        case 8: self = .answersNonsense
        case 9, 10: self = .breaks(at: draw.pick(1000), how: .reset)
        case 11: self = .breaks(at: draw.pick(1000), how: draw.one(of: [.early, .stall]))
        case 12: self = .sendsErrorEvent(after: draw.pick(4))
        case 13: self = draw.one(of: [.answersNothing, .answersPage])
        case 14: self = draw.one(of: [.sendsBeyondEnd, .sendsBeyondEnd, .sendsBeyondEnd, .floods(isNoise: false)])
        default: self = .refusesUsage
        }
    }
}

extension Behaviour.Refusal {
    fileprivate init(_ draw: inout Draw) {
        status = draw.one(of: [500, 429, 503, 502, 504, 529, 400, 401, 404, 408, 409, 422, 501, 302])
        if draw.chance(30) { retryAfter = draw.one(of: [0, 500, 2000, 15_000]) }
        if draw.chance(25) { shouldRetry = draw.chance(50) }
        reflects = draw.chance(20)
        // What a redirect says isn't read.
        reportsUsage = draw.chance(25) && status >= 400
    }
}
