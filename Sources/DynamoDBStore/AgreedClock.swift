import Calendar
import HTTPTypes
import Synchronization
import Transport

/// The local clock, set right by DynamoDB's: processes whose clocks differ count in the same periods.
final class AgreedClock: Sendable {
    /// The time on this machine. In milliseconds since 1970.
    let local: @Sendable () -> Int64
    private let offset = Atomic<Int64>(0)

    init(_ local: @escaping @Sendable () -> Int64) { self.local = local }

    func now() -> Int64 { local() + offset.load(ordering: .relaxed) }

    /// Looks at when an answer was made.
    /// - Parameter sent: when the request was sent, by the local clock. An answer that waited while the process was
    ///   frozen says nothing about the time.
    func learn(from fields: HTTPFields, sent: Int64) {
        let received = local()
        guard (0...Self.tolerance).contains(received - sent), let text = fields.value(of: .date),
            let date = HTTPDate.seconds(text), date > Self.earliest
        else { return }
        // The date has whole seconds: it was somewhere in that one.
        let difference = date * 1000 + 500 - received
        guard abs(difference - offset.load(ordering: .relaxed)) > Self.tolerance else { return }
        offset.store(difference, ordering: .relaxed)
    }

    /// What whole seconds and the way of an answer may make of a clock that is right. In milliseconds.
    private static let tolerance: Int64 = 2000
    /// 2020: who says that it is earlier doesn't know the time. In seconds since 1970.
    private static let earliest: Int64 = 1_577_836_800
}
