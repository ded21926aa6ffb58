/// The answer that is relayed repeatedly.
struct Work {
    var isStream = true
    /// Whether a stream is one of Bedrock's ConverseStream, and not one of OpenAI's chat completions.
    var isBedrock = false
    /// The number of chunks in a stream. `nil`: until the measurement is over.
    var chunks: Int? = 100
    /// Between two chunks of a stream, in nanoseconds. 0: as fast as they are read.
    var interval: UInt64 = 0
    var chunkBytes = 0
    /// The size of a plain answer's text.
    var plainBytes = 2048
    var promptBytes = 200
    var bodyForm = BodyForm.prose
    /// Whether each request has a prompt of its own, so that no cache has its answer.
    var isDistinct = false
    /// The caller's key or token.
    var key = "bench-key"
    /// Whether a chunk is sent only when the one before it has arrived.
    var isLockStep = false
}
