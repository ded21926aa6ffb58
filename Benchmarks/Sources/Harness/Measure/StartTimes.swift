/// How long a program takes to become useful, in milliseconds.
struct StartTimes: Encodable {
    /// From exec to the first poll. `nil` for a gateway, which doesn't poll.
    let firstPoll: Double?
    /// From sending the first event to the first byte of its answer's body.
    let firstInvocation: Double?
    /// From exec to the first byte of the first answer's body.
    let firstByte: Double

    static func measure(_ kind: Rig.Kind, _ command: [String]) throws(Fault) -> StartTimes {
        let rig = try Rig(kind, command, Work())
        guard let subject = rig.subject else { throw Fault("there is no program to start") }
        defer { subject.end() }
        func milliseconds(_ end: UInt64, since start: UInt64) -> Double { Double(end - start) / 1e6 }
        if let answered = rig.firstAnswer {
            return StartTimes(
                firstPoll: nil, firstInvocation: nil, firstByte: milliseconds(answered, since: subject.started))
        }
        let first = FirstAnswer(rig)
        try rig.run(first)
        return StartTimes(
            firstPoll: milliseconds(first.polled, since: subject.started),
            firstInvocation: milliseconds(first.answered, since: first.polled),
            firstByte: milliseconds(first.answered, since: subject.started))
    }

    private final class FirstAnswer: CallerEvents {
        private(set) var polled: UInt64 = 0
        private(set) var answered: UInt64 = 0
        private let rig: Rig

        init(_ rig: Rig) { self.rig = rig }

        func becameIdle() {
            polled = Clock.now()
            rig.caller.begin()
        }

        func received(stamp: UInt64, at now: UInt64, in exchange: Exchange) {
            answered = now
            rig.reactor.stop()
        }

        func ended(_ exchange: Exchange) {}
    }
}
