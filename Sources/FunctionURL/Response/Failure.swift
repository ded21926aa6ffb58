import FoundationEssentials

/// The reason that a caller doesn't get the function's response.
enum Failure: Error, Equatable {
    /// For the door, or for Lambda.
    case requestTooLarge
    case throttled(limit: Int)
    case runtimeDied(String)
    case runtimeDoesNotStart(String)
    case timedOut(seconds: Double)
    case functionError(RuntimeError)
    case malformedResponse(String)
    case wrongResponseMode(String)
    /// In bytes.
    case responseTooLarge(limit: Int)
    case truncated
    /// The door's own limit. The function goes on.
    case doorTimedOut(seconds: Double)
    /// By the usage plan.
    case refused(UsagePlan.Refusal)
}

extension Failure {
    /// The message for the developer's log.
    var sentence: String {
        switch self {
        case .requestTooLarge: "the request is larger than Lambda's 6 MB, or than a load balancer's 1 MB"
        case .throttled(let limit): "the limit of \(limit) concurrent invocations is reached (--concurrency)"
        case .runtimeDied(let how): "the runtime \(how) before it responded"
        case .runtimeDoesNotStart(let how): "the runtime doesn't start: \(how)"
        case .timedOut(let seconds): "Task timed out after \(Self.twoDecimals(seconds)) seconds"
        case .functionError(let error): "the function failed: \(error.sentence)"
        case .malformedResponse(let what): "the runtime's response is invalid: \(what)"
        case .wrongResponseMode(let mode):
            "Lambda-Runtime-Function-Response-Mode is \"\(mode)\"; it must be exactly \"streaming\", or absent"
        case .responseTooLarge(let limit): "a buffered response is larger than \(limit) bytes; stream it"
        case .truncated: "the runtime's response was cut off (Runtime.TruncatedResponse)"
        case .doorTimedOut(let seconds):
            "no complete response after \(Self.twoDecimals(seconds)) seconds; the function goes on without a caller"
        case .refused(let refusal): "the usage plan refuses this: \(refusal.message)"
        }
    }

    private static func twoDecimals(_ seconds: Double) -> String {
        let hundredths = Int((seconds * 100).rounded())
        return "\(hundredths / 100).\(String(100 + hundredths % 100).dropFirst())"
    }

    /// An answer in JSON.
    static func answer(_ status: Int, _ body: String, errorType: String? = nil) -> (head: ResponseHead, body: [UInt8]) {
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
