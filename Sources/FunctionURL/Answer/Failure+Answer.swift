extension Failure {
    /// What the caller sees, as AWS words it; only while no head has been sent.
    var answer: (head: AnswerHead, body: [UInt8]) {
        switch self {
        case .requestTooLarge:
            let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
            return Self.answer(413, "{\"Message\":\"\(message)\"}", errorType: "RequestTooLargeException")
        case .throttled:
            let body = #"{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
            return Self.answer(429, body, errorType: "TooManyRequestsException")
        case .runtimeDied, .runtimeDoesNotStart, .timedOut, .functionError, .malformedAnswer, .wrongResponseMode,
            .answerTooLarge, .truncated:
            // Every fault of the function looks alike from outside. The body is that bare text though the type says
            // JSON.
            return Self.answer(502, "Internal Server Error", errorType: nil)
        }
    }

    /// What the developer reads.
    var sentence: String {
        switch self {
        case .requestTooLarge: "the request is larger than the 6 MB that Lambda takes"
        case .throttled(let limit): "\(limit) invocations are running, which is the limit (--concurrency)"
        case .runtimeDied(let how): "the runtime \(how) before it had answered"
        case .runtimeDoesNotStart(let how): "the runtime doesn't start: \(how)"
        case .timedOut(let seconds): "Task timed out after \(Self.twoDecimals(seconds)) seconds"
        case .functionError(let error): "the function failed: \(error.sentence)"
        case .malformedAnswer(let what): "the runtime's answer can't be used: \(what)"
        case .wrongResponseMode(let mode):
            "Lambda-Runtime-Function-Response-Mode is \"\(mode)\"; it must be exactly \"streaming\", or absent"
        case .answerTooLarge: "a buffered answer is larger than \(BufferedAnswer.limit) bytes; stream it"
        case .truncated: "the runtime broke off its answer (Runtime.TruncatedResponse)"
        }
    }

    private static func twoDecimals(_ seconds: Double) -> String {
        let hundredths = Int((seconds * 100).rounded())
        return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
    }

    private static func answer(_ status: Int, _ body: String, errorType: String?) -> (AnswerHead, [UInt8]) {
        var headers = [HeaderField("content-type", "application/json")]
        if let errorType {
            headers.append(HeaderField("x-amzn-errortype", errorType))
        }
        return (AnswerHead(status: status, headers: headers), [UInt8](body.utf8))
    }
}
