import Digests
import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// What is known about a request. It is filled in along the path and logged when the request has ended.
///
/// `@unchecked Sendable`: used on the loop only.
final class RequestRecord: @unchecked Sendable {
    let id: String
    /// In milliseconds since 1970.
    let started: Int64
    /// Lambda's trace header: `Root=…;Parent=…;Sampled=…`.
    private let trace: String?
    /// The front door, if it isn't a function URL.
    let door: String?
    /// The header fields for browsers.
    var originFields = HTTPFields()
    /// The keys that must not be logged.
    var keys = RequestKeys()
    /// Nil until it is known.
    var caller: Caller?
    var operation = Operation.other
    /// As the caller wrote them. The path of a request with a route has at most 64 KB.
    private var method: HTTPRequest.Method?
    private var path = ""
    /// Whether it was refused before there was a route.
    private(set) var isUnrouted = false
    /// Whether the request only reads. It uses no tokens then, although its response may contain the usage of an
    /// earlier one.
    var isRead: Bool { method == .get || method == .head }
    /// The model that the caller named, or the beginning of that name.
    var requestedModel: String?
    var wantsStream = false
    /// Measures the response; nil until the request has a route.
    private(set) var meter: Meter?
    private(set) var status: Int?
    private(set) var failure: Failure?

    /// Whether a response has begun.
    private var isAnswered = false

    /// What the cache does for the request; nil where nothing is cached.
    var cache: CacheUse?

    /// Whether usage couldn't be counted.
    var storeFailed = false

    /// The server that was asked last; nil if none was.
    var server: Server? { upstream?.server }
    private var upstream: UpstreamServer?
    /// The server whose response the caller gets, even if another request or an earlier one asked it.
    var servingServer: Server? { server ?? cache?.servingServer }
    /// The model that this server was asked for.
    private(set) var model: String?
    /// The model that has answered, according to the server.
    var answeredModel: String? { meter?.model.map { upstream?.redacted($0) ?? $0 } ?? cache?.answeredModel }
    /// How many requests were sent to servers.
    private(set) var attempts = 0
    /// The usage of requests that a server has answered with errors: that of the last server that reported any.
    private(set) var errorUsage: (usage: TokenUsage, server: Server, model: String?)?
    /// A server that has read the request and will bill it, although nobody waits for its response.
    private(set) var unheard: (server: Server, model: String?)?

    init(_ invocation: Invocation, _ door: FrontDoor = .functionURL, at now: Int64) {
        self.door = door == .functionURL ? nil : door.name
        id = invocation.id
        trace = invocation.trace
        started = now
    }

    /// The id of the caller's key, or what stands for it.
    var keyID: String { caller?.id ?? "none" }

    /// The caller for people: a user's ID says more than its issuer.
    var shownCaller: String {
        if case .user(let user) = caller { user.shownID ?? user.id } else { keyID }
    }

    /// The id in X-Ray: `1-6b01ea30-3f1e5a7c9d2b4e6f8a0c1d2e`. Validated, since a caller may have sent something else.
    var traceID: String? {
        guard let trace else { return nil }
        let bytes = Array(trace.utf8)
        let parts = bytes.split(separator: UInt8(ascii: ";"))
        guard let root = parts.first(where: { $0.starts(with: "Root=".utf8) })?.dropFirst(5) else { return nil }
        let numbers = root.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard numbers.count == 3, zip(numbers, [1, 8, 24]).allSatisfy({ $0.count <= $1 }),
            root.allSatisfy({
                $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        return String(decoding: root, as: UTF8.self)
    }

    func note(_ body: RequestBody) {
        requestedModel = body.shownModel
        wantsStream = body.wantsStream
    }

    func note(_ route: Route, _ meter: Meter) {
        self.meter = meter
        operation = route.operation
    }

    func note(_ request: HTTPEvent) { (method, path) = (request.method, request.path) }

    /// The method and path for the log; nil if the event wasn't an HTTP request.
    var shownRequest: ShownRequest? { method.map { ShownRequest($0, path: path, without: keys) } }

    /// The record of a request with a route names its server and operation instead of its path.
    func isRefused() { isUnrouted = meter == nil }

    func note(_ outcome: Outcome) {
        switch outcome {
        case .success(.whole(let prelude, let body)):
            meter?.noteBytes(body.count)
            if let failure = Failure(upstreamStatus: prelude.status.code) { fails(failure) }
        case .success(.stream(let prelude, _)):
            if let failure = Failure(upstreamStatus: prelude.status.code) { fails(failure) }
            isAnswered = prelude.status.code < 400
        case .failure(let error): fails(Failure(error))
        }
    }

    func note(_ end: BodyPipe.End?) {
        switch end {
        case .partial(let type, let reason, _):
            fails(Failure(type: type, detail: reason))
            if isAnswered, Failure.ofWaiting.contains(type) { leavesWork() }
        case .failed(let error):
            fails(Failure(.upstreamFailed(server: servingServer?.name ?? "", error)))
            if error.leavesWork { leavesWork() }
        case .complete where meter?.hasFailed == true || cache?.followedMeter?.hasFailed == true:
            fails(Failure(type: Failure.reported, detail: ReportedError.summary(servingServer?.name ?? "")))
        case .complete, nil: break
        }
    }

    func note(_ delivery: Delivery) {
        switch delivery {
        case .accepted: return
        case .rejected(let status, let text):
            fails(.undelivered("The Runtime API answered \(status): \(text.prefix(200))"))
        case .failed(let error): fails(.undelivered(error.detail))
        }
        if isAnswered { leavesWork() }
    }

    func asks(_ upstream: UpstreamServer, for model: String?) {
        self.upstream = upstream
        self.model = model
        attempts += 1
    }

    /// Notes the usage that the last server reports in an error.
    func noteErrorUsage(_ usage: TokenUsage) {
        guard let server else { return }
        var usage = usage
        if let errorUsage, errorUsage.server.name == server.name { usage.add(errorUsage.usage) }
        errorUsage = (usage, server, model)
    }

    /// Notes that nobody waits for the response of the last server any more.
    func leavesWork() { unheard = server.map { ($0, model) } }

    /// Keeps the first failure, which causes the others.
    func fails(_ failure: Failure) { self.failure = self.failure ?? failure }

    /// The head of the response with the proxy's own fields: the request's id, the server, and the attempts.
    func marked(_ prelude: Prelude) -> Prelude {
        status = prelude.status.code
        var prelude = prelude
        prelude.fields[.proxyRequestID] = id
        if prelude.fields.value(of: .requestID)?.isEmpty ?? true { prelude.fields[.requestID] = id }
        // A shared cache must not show one caller another's list, whatever the upstream says about caching.
        if operation == .models || operation == .model { prelude.fields[.cacheControl] = Prelude.noSharedCache }
        cache?.write(to: &prelude.fields)
        for field in originFields {
            let others = field.name == .vary ? prelude.fields[.vary].map { $0 + ", " } : nil
            prelude.fields[field.name] = (others ?? "") + field.value
        }
        guard let server = servingServer else { return prelude }
        // Encoded as in the path, since a header field can't hold other characters.
        prelude.fields[.proxyServer] = RequestTarget.Segment.encoded(server.name.utf8, isQuery: false)
        prelude.fields[.proxyAttempts] = "\(attempts)"
        // The SDKs would retry too, which would multiply the attempts.
        if attempts > 1, prelude.status.code >= 400 { prelude.fields[.shouldRetry] = "false" }
        return prelude
    }
}

/// The tokens of one request, and their cost.
struct RequestUsage {
    let tokens: TokenUsage
    /// In dollars; nil if the table has no price.
    let cost: Double?
    /// The server that they are counted for.
    let server: String

    /// Nil if no server has sent anything that used tokens.
    init?(_ record: RequestRecord) {
        guard let meter = record.meter, !record.isRead else { return nil }
        let counted = meter.usage
        if let server = record.server, counted != nil || meter.firstOutput != nil {
            var usage = counted ?? record.operation.estimate(meter)
            if let error = record.errorUsage, error.server.name == server.name { usage?.add(error.usage) }
            self.init(usage, server, record.model)
        } else if let (usage, server, model) = record.errorUsage {
            self.init(usage, server, model)
        } else if let (server, model) = record.unheard {
            self.init(record.operation.estimate(meter), server, model)
        } else {
            return nil
        }
    }

    private init?(_ tokens: TokenUsage?, _ server: Server, _ model: String?) {
        guard let tokens else { return nil }
        self.tokens = tokens
        self.server = server.name
        cost = server.prices.price(of: model).map { tokens.cost(at: $0) }
    }

    /// The usage for the counters.
    var usage: Usage {
        let billionths = ((cost ?? 0) * 1e9).rounded(.up)
        return Usage(tokens: tokens.input + tokens.output, cost: Int(min(billionths, 1e15)))
    }
}

extension Operation {
    /// The estimated usage of a response that doesn't report it; nil if it is none, or can't be estimated.
    fileprivate func estimate(_ meter: Meter) -> TokenUsage? {
        var usage = meter.estimate
        switch self {
        case .chat, .textCompletion, .responses: return usage
        case .embeddings:
            usage.output = 0
            return usage
        case .moderations, .models, .model, .caller, .health, .preflight, .page, .other: return nil
        }
    }
}

/// A request's method and path, made safe for the log. The caller, who may be anybody, chooses both.
struct ShownRequest {
    /// `_OTHER` if it isn't one of HTTP's, as OpenTelemetry defines `http.request.method`.
    let method: String
    /// Decoded, without the query.
    let path: String

    private static let methods: [HTTPRequest.Method] = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]
    /// In scalars.
    private static let longest = 200
    /// More than is kept of it, even if all of it is escaped. In bytes.
    private static let mostRead = 16 * 1024

    init(_ method: HTTPRequest.Method, path: String, without keys: RequestKeys) {
        self.method = Self.methods.contains(method) ? method.rawValue : "_OTHER"
        let decoded = PercentEncoding.decode(Array(path.utf8.prefix(Self.mostRead))[...])
        self.path = LogText(String(decoding: decoded, as: UTF8.self), longest: Self.longest, without: keys).text
    }
}
