import FoundationEssentials

/// The reason that a caller doesn't get the function's response.
enum Failure: Error, Equatable {
    case requestTooLarge
    case throttled(limit: Int)
    case runtimeDied(String)
    case runtimeDoesNotStart(String)
    case timedOut(seconds: Double)
    case functionError(RuntimeError)
    case malformedResponse(String)
    case wrongResponseMode(String)
    case responseTooLarge
    case truncated
}

extension Failure {
    /// The response that the caller gets, in AWS's words. Used only if no head has been sent.
    var answer: (head: ResponseHead, body: [UInt8]) {
        switch self {
        case .requestTooLarge:
            let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
            return Self.answer(413, "{\"Message\":\"\(message)\"}", errorType: "RequestTooLargeException")
        case .throttled:
            let body = #"{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
            return Self.answer(429, body, errorType: "TooManyRequestsException")
        case .runtimeDied, .runtimeDoesNotStart, .timedOut, .functionError, .malformedResponse, .wrongResponseMode,
            .responseTooLarge, .truncated:
            // All faults of the function look alike from outside. As on AWS, the body is bare text although the content
            // type is JSON.
            return Self.answer(502, "Internal Server Error", errorType: nil)
        }
    }

    /// The message for the developer's log.
    var sentence: String {
        switch self {
        case .requestTooLarge: "the request is larger than Lambda's limit of 6 MB"
        case .throttled(let limit): "the limit of \(limit) concurrent invocations is reached (--concurrency)"
        case .runtimeDied(let how): "the runtime \(how) before it responded"
        case .runtimeDoesNotStart(let how): "the runtime doesn't start: \(how)"
        case .timedOut(let seconds): "Task timed out after \(Self.twoDecimals(seconds)) seconds"
        case .functionError(let error): "the function failed: \(error.sentence)"
        case .malformedResponse(let what): "the runtime's response is invalid: \(what)"
        case .wrongResponseMode(let mode):
            "Lambda-Runtime-Function-Response-Mode is \"\(mode)\"; it must be exactly \"streaming\", or absent"
        case .responseTooLarge: "a buffered response is larger than \(BufferedResponse.limit) bytes; stream it"
        case .truncated: "the runtime's response was cut off (Runtime.TruncatedResponse)"
        }
    }

    private static func twoDecimals(_ seconds: Double) -> String {
        let hundredths = Int((seconds * 100).rounded())
        return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
    }

    private static func answer(_ status: Int, _ body: String, errorType: String?) -> (ResponseHead, [UInt8]) {
        var headers = [HeaderField("content-type", "application/json")]
        if let errorType {
            headers.append(HeaderField("x-amzn-errortype", errorType))
        }
        return (ResponseHead(status: status, headers: headers), [UInt8](body.utf8))
    }
}

/// An error that a runtime reports: in the body of `/error` or `/init/error`, or in trailers after a response.
struct RuntimeError: Equatable, Sendable {
    var type: String
    var message: String

    /// One line for the developer.
    var sentence: String { message.isEmpty ? type : "\(type): \(message)" }

    init(type: String, message: String) {
        self.type = type
        self.message = message
    }

    /// Reads an error report. If it has no type, the header `Lambda-Runtime-Function-Error-Type` is used.
    init(report: [UInt8], typeHeader: String?) {
        let parsed = try? JSONDecoder().decode(Report.self, from: Data(report))
        type = parsed?.errorType ?? typeHeader ?? "Runtime.UnknownReason"
        message = parsed?.errorMessage ?? (parsed == nil ? String(decoding: report, as: UTF8.self) : "")
    }

    /// Reads the trailers of a response that failed while streaming. The error body is a report in base64.
    init?(trailers: [HeaderField]) {
        let type = trailers.first("lambda-runtime-function-error-type")
        let body = trailers.first("lambda-runtime-function-error-body")
        guard type != nil || body != nil else { return nil }
        let decoded = body.map { Data(base64Encoded: $0).map { [UInt8]($0) } ?? [UInt8]("(not base64) \($0)".utf8) }
        self.init(report: decoded ?? [], typeHeader: type)
    }

    private struct Report: Decodable {
        var errorType: String?
        var errorMessage: String?
    }
}
