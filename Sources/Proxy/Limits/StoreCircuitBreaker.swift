/// Stops asking a store that didn't answer, so that not every request waits for its timeout.
///
/// `@unchecked Sendable`: used on the loop only.
final class StoreCircuitBreaker: @unchecked Sendable {
    /// How long the store isn't asked again. In milliseconds.
    private static let pause: Int64 = 5000

    private var began: Int64?

    /// - Parameter now: in milliseconds since 1970.
    func note(_ error: StoreError, at now: Int64) {
        if error.isSilent { began = now }
    }

    /// Why the store isn't asked now; nil if it is.
    func error(at now: Int64) -> StoreError? {
        // A clock that was set back must not lengthen the pause.
        guard let began, (0..<Self.pause).contains(now - began) else { return nil }
        return StoreError(
            "it didn't answer \(now - began) ms ago, and is asked again after \(Self.pause) ms", isSilent: false)
    }
}
