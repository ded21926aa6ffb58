import Transport

/// How much time is left to ask a server, in milliseconds: of what the server itself may take, and until the caller
/// must be told how the invocation went. Nil is as long as one likes.
struct RemainingTime: Equatable {
    var server: Int?
    var invocation: Int?

    /// In less, nobody answers. In milliseconds.
    private static let worthwhile = 100

    var nearest: Int? {
        guard let server, let invocation else { return server ?? invocation }
        return min(server, invocation)
    }

    /// The invocation ends before the server's time is up.
    var isInvocationNearer: Bool { invocation.map { $0 < server ?? .max } ?? false }

    func isWorthwhile(after wait: Int = 0) -> Bool { nearest.map { $0 - wait >= Self.worthwhile } ?? true }

    /// The limits of a request that begins now.
    func cut(_ limits: TimeLimits) -> TimeLimits {
        guard let nearest else { return limits }
        var limits = limits
        limits.connect = min(limits.connect, nearest)
        limits.firstByte = limits.firstByte.map { min($0, nearest) }
        limits.idle = limits.idle.map { min($0, nearest) }
        limits.total = nearest
        return limits
    }

    /// Whether a request that began with so much time took too long only because the invocation ends.
    /// - Parameter limits: as `cut` gave them.
    func explains(_ error: TransportError, within limits: TimeLimits) -> Bool {
        guard isInvocationNearer else { return false }
        switch error.kind {
        case .timeout: return true
        case .connectTimeout: return limits.connect == invocation
        case .firstByteTimeout: return limits.firstByte == invocation
        case .idleTimeout: return limits.idle == invocation
        default: return false
        }
    }
}
