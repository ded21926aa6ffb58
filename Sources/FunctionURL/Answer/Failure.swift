/// Why a caller doesn't get the function's answer.
enum Failure: Error, Equatable {
    case requestTooLarge
    case throttled(limit: Int)
    case runtimeDied(String)
    case runtimeDoesNotStart(String)
    case timedOut(seconds: Double)
    case functionError(RuntimeError)
    case malformedAnswer(String)
    case wrongResponseMode(String)
    case answerTooLarge
    case truncated
}
