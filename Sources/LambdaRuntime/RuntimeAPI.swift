import HTTPTypes
import Transport

/// The Lambda Runtime API's paths and header names, version 2018-06-01.
///
/// Source: "Building a custom runtime for AWS Lambda" and "Using the Lambda runtime API" in the AWS documentation.
enum RuntimeAPI {
    static let next = "/2018-06-01/runtime/invocation/next"
    static let initError = "/2018-06-01/runtime/init/error"
    static func response(_ id: String) -> String { "/2018-06-01/runtime/invocation/" + id + "/response" }
    static func error(_ id: String) -> String { "/2018-06-01/runtime/invocation/" + id + "/error" }

    /// The Extensions API, which the same address serves.
    static let register = "/2020-01-01/extension/register"
    static let nextEvent = "/2020-01-01/extension/event/next"

    /// What marks a streamed body that starts with a prelude.
    private static let preludeType = "application/vnd.awslambda.http-integration-response"

    /// What every streamed answer is sent with.
    static let streamFields: HTTPFields = [
        .responseMode: "streaming",
        .contentType: preludeType,
        .trailer: "\(HTTPField.Name.errorType.rawName), \(HTTPField.Name.errorBody.rawName)",
    ]
}

extension HTTPField.Name {
    static let requestID = known("Lambda-Runtime-Aws-Request-Id")
    /// A nonce for each attempt, sent since July 2026: to be echoed with the answer.
    static let invocationID = known("Lambda-Runtime-Invocation-Id")
    static let deadline = known("Lambda-Runtime-Deadline-Ms")
    static let trace = known("Lambda-Runtime-Trace-Id")
    static let responseMode = known("Lambda-Runtime-Function-Response-Mode")
    static let extensionName = known("Lambda-Extension-Name")
    static let extensionID = known("Lambda-Extension-Identifier")
    static let errorType = known("Lambda-Runtime-Function-Error-Type")
    static let errorBody = known("Lambda-Runtime-Function-Error-Body")
}
