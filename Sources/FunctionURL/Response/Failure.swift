import FoundationEssentials

/// Why a caller doesn't get the function's answer.
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
    /// What the caller sees, as AWS words it; only while no head has been sent.
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
        case .malformedResponse(let what): "the runtime's answer can't be used: \(what)"
        case .wrongResponseMode(let mode):
            "Lambda-Runtime-Function-Response-Mode is \"\(mode)\"; it must be exactly \"streaming\", or absent"
        case .responseTooLarge: "a buffered answer is larger than \(BufferedResponse.limit) bytes; stream it"
        case .truncated: "the runtime broke off its answer (Runtime.TruncatedResponse)"
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

/// An error as a runtime reports it: in the body of `/error` and `/init/error`, or in trailers after an answer.
struct RuntimeError: Equatable, Sendable {
    var type: String
    var message: String

    /// One line for the developer.
    var sentence: String { message.isEmpty ? type : "\(type): \(message)" }

    init(type: String, message: String) {
        self.type = type
        self.message = message
    }

    /// Reads an error report; what it doesn't say is taken from the header `Lambda-Runtime-Function-Error-Type`.
    init(report: [UInt8], typeHeader: String?) {
        let parsed = try? JSONDecoder().decode(Report.self, from: Data(report))
        type = parsed?.errorType ?? typeHeader ?? "Runtime.UnknownReason"
        message = parsed?.errorMessage ?? (parsed == nil ? String(decoding: report, as: UTF8.self) : "")
    }

    /// Reads the trailers of an answer that failed while it was being streamed; the body is base64 of a report.
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
