/// One invocation or request, from the caller's side.
final class Exchange {
    let began = Clock.now()
    private(set) var chunks = 0
    private(set) var firstChunk: UInt64?
    private var stamps = StampReader()

    /// Calls `found` with each stamp.
    func received(_ body: UnsafeRawBufferPointer, at now: UInt64, _ found: (UInt64) -> Void) {
        stamps.read(body) { stamp in
            chunks += 1
            firstChunk = firstChunk ?? now
            found(stamp)
        }
    }
}
