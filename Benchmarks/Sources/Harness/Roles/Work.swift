/// What is to be relayed, again and again.
struct Work {
    var isStream = true
    /// Of a stream. `nil`: until the measurement is over.
    var chunks: Int? = 100
    /// Between two chunks of a stream, in nanoseconds. 0: as fast as they are taken.
    var interval: UInt64 = 0
    var chunkBytes = 0
    /// Of a plain answer's text.
    var plainBytes = 2048
    var promptBytes = 200
    var bodyForm = BodyForm.prose
    /// A chunk is sent when the one before it has arrived.
    var isLockStep = false
}
