/// A function URL with InvokeMode RESPONSE_STREAM.
struct FunctionURLDoor: Door {
    let title = "Function URL"
    let streams = true
    let runtimeVariables: [String: String] = [:]

    func cors(_ template: CORSConfiguration) -> CORSConfiguration? { template }

    func event(of request: CallerRequest, _ arrival: Arrival) throws -> [UInt8] {
        try event(request, arrival).encodedEvent()
    }

    func event(_ request: CallerRequest, _ arrival: Arrival) -> EventV2 {
        EventV2(
            request, arrival, account: "anonymous", domain: "\(localID).lambda-url.\(arrival.region).on.aws",
            path: request.rawPath)
    }

    func reading(of format: ResponseAssembly.Format) -> ResponseAssembly.Reading {
        switch format {
        case .integration: .prelude
        case .raw: .body
        case .buffered: .document
        }
    }

    /// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-response-payload
    func response(_ document: [UInt8], accept: String?) throws(Failure) -> BufferedResponse {
        try BufferedResponse(bare: document, contentType: "application/json")
    }

    /// In AWS's words.
    func answer(to failure: Failure) -> (head: ResponseHead, body: [UInt8]) {
        switch failure {
        case .requestTooLarge:
            let message = "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
            return Failure.answer(413, "{\"Message\":\"\(message)\"}", errorType: "RequestTooLargeException")
        case .throttled:
            let body = #"{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}"#
            return Failure.answer(429, body, errorType: "TooManyRequestsException")
        default:
            // All faults of the function look alike from outside. As on AWS, the body is bare text although the content
            // type is JSON.
            return Failure.answer(502, "Internal Server Error")
        }
    }
}
