extension Timers {
    /// Waits, unless it is canceled meanwhile: then the reason is thrown.
    package func sleep(for milliseconds: Int, _ cancellation: Cancellation) async throws(TransportError) {
        await withCheckedContinuation { continuation in
            guard cancellation.reason == nil else { return continuation.resume() }
            let timer = schedule(after: milliseconds) {
                cancellation.end = nil
                continuation.resume()
            }
            cancellation.end = { _ in
                cancel(timer)
                continuation.resume()
            }
        }
        if let reason = cancellation.reason { throw reason }
    }
}
