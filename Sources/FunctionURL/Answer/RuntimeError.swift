import FoundationEssentials

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
