/// How long to wait before a server is asked again: exponential, with full jitter, so that those who failed together
/// don't come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
enum Backoff {
    private static let base = 500.0
    private static let longest = 8000.0

    /// - Parameter tries: how many there were, at least one.
    /// - Parameter random: a number from 0 up to, but not including, 1.
    static func milliseconds(after tries: Int, _ random: Double) -> Int {
        let doubled = base * Double(UInt64(1) << UInt64(min(tries - 1, 16)))
        return Int(random * min(longest, doubled))
    }
}
