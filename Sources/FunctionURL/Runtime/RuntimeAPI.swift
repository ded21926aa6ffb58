import FoundationEssentials

/// The supported endpoints of the Runtime API and the Extensions API.
enum RuntimeRoute: Equatable {
    case next
    case response(requestID: String)
    case error(requestID: String)
    case initError
    case extensionRegister
    case extensionNext
    case unknown

    init(method: String, target: String) {
        let parts = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst().map(String.init)
        switch (method, parts.first ?? "", Array(parts.dropFirst())) {
        case ("GET", runtimeVersion, ["runtime", "invocation", "next"]): self = .next
        case ("POST", runtimeVersion, ["runtime", "init", "error"]): self = .initError
        case ("POST", extensionVersion, ["extension", "register"]): self = .extensionRegister
        case ("GET", extensionVersion, ["extension", "event", "next"]): self = .extensionNext
        case ("POST", runtimeVersion, let rest) where rest.count == 4 && rest.starts(with: ["runtime", "invocation"]):
            switch rest[3] {
            case "response": self = .response(requestID: rest[2])
            case "error": self = .error(requestID: rest[2])
            default: self = .unknown
            }
        default: self = .unknown
        }
    }
}

private let runtimeVersion = "2018-06-01"
private let extensionVersion = "2020-01-01"

/// A short response of the Runtime API.
struct RuntimeReply: Error, Equatable {
    var status: Int
    var headers: [HeaderField] = []
    var body: String

    static let accepted = RuntimeReply(status: 202, body: #"{"status":"OK"}"#)

    /// An error in the format of this API.
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
    static let alreadyAnswered = error(403, "InvalidStateTransition", "This invocation already has a response")
    static let unnamedExtension = error(400, "Extension.InvalidExtensionName", "Lambda-Extension-Name is missing")
    static let unknownExtension = error(403, "Extension.UnknownExtensionIdentifier", "Register first")

    /// The reply to a runtime whose response is invalid.
    static func refusing(_ failure: Failure) -> RuntimeReply {
        switch failure {
        case .wrongResponseMode: error(400, "InvalidFunctionResponseMode", failure.sentence)
        case .responseTooLarge: error(413, "RequestEntityTooLarge", failure.sentence)
        default: error(400, "InvalidResponse", failure.sentence)
        }
    }

    static func registered(functionName: String, identifier: String) -> RuntimeReply {
        RuntimeReply(
            status: 200, headers: [HeaderField("Lambda-Extension-Identifier", identifier)],
            body: #"{"functionName":"\#(functionName)","functionVersion":"$LATEST","handler":"bootstrap"}"#)
    }
}
