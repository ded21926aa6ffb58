import LambdaRuntime
import Transport

/// What the caller gets: all at once, or as it comes.
enum Answer {
    case whole(Prelude, [UInt8])
    case stream(Prelude, BodyPipe)
}
