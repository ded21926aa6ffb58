/// The side that asks: Lambda's Runtime API, or an HTTP client.
protocol Caller: AnyObject {
    var events: (any CallerEvents)? { get set }
    /// How many can begin now.
    var idle: Int { get }
    func begin()
}

/// What a caller tells whoever measures.
protocol CallerEvents: AnyObject {
    /// One more can begin.
    func becameIdle()
    func received(stamp: UInt64, at now: UInt64, in exchange: Exchange)
    func ended(_ exchange: Exchange)
}
