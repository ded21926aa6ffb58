import FoundationEssentials

/// A short answer of the Runtime API to the runtime.
struct RuntimeReply: Equatable, Sendable {
    var status: Int
    var headers: [HeaderField] = []
    var body: String

    static let accepted = RuntimeReply(status: 202, body: #"{"status":"OK"}"#)

    /// The shape of every error of this API.
    static func error(_ status: Int, _ type: String, _ message: String) -> RuntimeReply {
        let report = ["errorMessage": message, "errorType": type]
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // Two strings always encode; the empty object only satisfies the type checker.
        let body = (try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        return RuntimeReply(status: status, body: body)
    }

    static let unknownEndpoint = error(404, "InvalidRequest", "There is no such endpoint")
    static let unknownInvocation = error(400, "InvalidRequestID", "Invalid request ID")
    static let gone = error(410, "Gone", "This invocation has timed out or is another attempt")
    static let answeredTwice = error(403, "InvalidStateTransition", "This invocation has been answered already")
    static let unnamedExtension = error(400, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing")
    static let unknownExtension = error(403, "Extension.UnknownExtensionIdentifier", "Register first")

    /// What the runtime hears when its answer can't be used.
    static func refusing(_ failure: Failure) -> RuntimeReply {
        switch failure {
        case .wrongResponseMode: error(400, "InvalidFunctionResponseMode", failure.sentence)
        case .answerTooLarge: error(413, "RequestEntityTooLarge", failure.sentence)
        default: error(400, "InvalidResponse", failure.sentence)
        }
    }

    static func registered(functionName: String, identifier: String) -> RuntimeReply {
        RuntimeReply(
            status: 200, headers: [HeaderField("Lambda-Extension-Identifier", identifier)],
            body: #"{"functionName":"\#(functionName)","functionVersion":"$LATEST","handler":"bootstrap"}"#)
    }
}
