import LambdaRuntime

/// What has come through a front door. The request is taken out, so that a long stream doesn't keep its prompt in
/// memory.
///
/// `@unchecked Sendable`: used on the loop only.
final class OpenedEvent: @unchecked Sendable {
    private var arrival: FrontDoors.Arrival?
    /// A function URL if the event fits no door.
    let door: FrontDoor

    init(_ arrival: FrontDoors.Arrival) {
        self.arrival = arrival
        door =
            switch arrival {
            case .request(_, let door): door
            case .refused(_, let door): door ?? .functionURL
            case .ping: .directInvocation
            }
    }

    var isPing: Bool { if case .ping = arrival { true } else { false } }
    var fitsNoDoor: Bool { if case .refused(_, nil) = arrival { true } else { false } }
    /// Why the event can't be read; empty if it can.
    var refusal: String { if case .refused(let reason, _) = arrival { reason } else { "" } }

    func request() throws(ProxyError) -> HTTPEvent {
        defer { arrival = nil }
        guard case .request(let request, _) = arrival else { throw .invalidEvent(refusal) }
        return request
    }
}
