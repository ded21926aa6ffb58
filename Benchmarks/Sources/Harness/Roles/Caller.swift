/// The side that sends requests: Lambda's Runtime API, or an HTTP client.
protocol Caller: AnyObject {
    var events: (any CallerEvents)? { get set }
    /// How many exchanges can begin now.
    var idle: Int { get }
    func begin()
}

/// What a caller reports to a measurement.
protocol CallerEvents: AnyObject {
    /// One more exchange can begin.
    func becameIdle()
    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange)
    func ended(_ exchange: Exchange)
}
