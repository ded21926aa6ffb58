/// What AWS puts in front of a function: it makes events of requests, and answers of the function's responses.
protocol Door: Sendable {
    /// What the address is called, on stdout and in the log.
    var title: String { get }
    /// Whether callers get a response as it arrives. If not, it is one JSON document.
    var streams: Bool { get }
    /// The door's own time limit in seconds. At its end the caller gets an answer or the end of a stream that has begun,
    /// and the function goes on.
    var timeLimit: Double? { get }
    /// The largest request body in bytes. API Gateway takes 10 MB, but Lambda, which gets it, 6 MB.
    var bodyLimit: Int { get }
    /// Variables of the runtime, unless the developer sets them.
    var runtimeVariables: [String: String] { get }

    /// The CORS rules of this door, given the template's. Nil if it never adds CORS headers.
    func cors(_ template: CORSConfiguration) -> CORSConfiguration?
    /// The event as the Runtime API sends it.
    func event(of request: CallerRequest, _ arrival: Arrival) throws -> [UInt8]
    /// The headers that this door adds to every answer.
    func fields(requestID: String) -> [HeaderField]
    func reading(of format: ResponseAssembly.Format) -> ResponseAssembly.Reading
    func head(_ prelude: Prelude) throws(Failure) -> ResponseHead
    /// - Parameter accept: the request's `Accept` header.
    func response(_ document: [UInt8], accept: String?) throws(Failure) -> BufferedResponse
    /// What the caller gets instead of the function's response. Used only if no head has been sent.
    func answer(to failure: Failure) -> (head: ResponseHead, body: [UInt8])
}

extension Door {
    var streams: Bool { false }
    var timeLimit: Double? { nil }
    var bodyLimit: Int { Settings.requestLimit }
    var runtimeVariables: [String: String] { ["PROXY_FUNCTION_URL": "none"] }

    func cors(_ template: CORSConfiguration) -> CORSConfiguration? { nil }
    func fields(requestID: String) -> [HeaderField] { [HeaderField("x-amzn-requestid", requestID)] }
    /// Lambda's plain Invoke collects a stream, so a door that doesn't stream gets the prelude and the body as one
    /// document, which isn't JSON.
    func reading(of format: ResponseAssembly.Format) -> ResponseAssembly.Reading { .document }
    func head(_ prelude: Prelude) throws(Failure) -> ResponseHead { try ResponseHead(prelude) }
}

/// What an event says about a request's arrival.
struct Arrival {
    var requestID: String
    var traceID: String
    var epochMilliseconds: Int
    var region: String
    /// The key of the usage plan that the request was made with.
    var apiKey: APIKey?
}

extension Arrival {
    init(_ identity: InvocationIdentity, region: String, apiKey: APIKey?) {
        self.init(
            requestID: identity.requestID, traceID: identity.traceID, epochMilliseconds: identity.epochMilliseconds,
            region: region, apiKey: apiKey)
    }

    /// The time in the format of access logs, `12/Mar/2020:19:03:58 +0000`, always in UTC.
    var accessLogTime: String { UTC.accessLogTime(epochMilliseconds) }
    /// The domain of an API of API Gateway.
    var apiDomain: String { "\(localID).execute-api.\(region).amazonaws.com" }
}

/// The id of the URL or API. On AWS it is random.
let localID = "local"
/// An account id that AWS gives to nobody.
let localAccount = "000000000000"
