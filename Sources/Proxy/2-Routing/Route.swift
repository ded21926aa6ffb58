import AWSSignature
import HTTPTypes

/// Where a request goes: the server, the path, and the fallbacks.
struct Route {
    /// By reference, since routes are passed on often and a server is expensive to copy.
    let upstream: UpstreamServer
    var server: Server { upstream.server }
    /// What follows the server's URL, query included.
    let pathAndQuery: String
    let body: BodyRule
    var operation = Operation.other
    /// How a stream from this endpoint marks its end.
    var streamEnd = StreamEnd.unmarked
    /// The model that the caller has named for this server in another way than by the body's `model` alone; nil on a
    /// server's own path.
    var named: NamedChoice?
    /// What the caller sees of the server's list of models; nil for the list as it comes.
    var shownModels: ModelList.Shown?
    /// Whether a stream's usage is requested even if the caller doesn't ask for it.
    var asksForUsage = false
    /// Whether the server seems to have refused to report usage, so that this request no longer asks for it.
    var hasRefusedUsage = false
    /// Whether it replaces a server that has failed.
    var isFallback = false
    /// The routes that are tried in order if this server fails. They have no fallbacks of their own.
    var fallbacks: [Route] = []

    /// A model as `server/model` or `settings.models` name it.
    struct NamedChoice: Equatable {
        /// As callers of that server name it: it may be an alias there.
        let model: String
        /// The name of `settings.models` that stands for it, if one does.
        let name: String?
    }

    enum BodyRule: Equatable {
        /// A JSON object. If it names no model, this one is filled in.
        case json(model: String?)
        /// Any bytes, which aren't read.
        case opaque
    }

    /// The whole URL.
    /// - Parameter urlIndex: the index of one of the server's `urls`.
    func url(at urlIndex: Int) -> String { server.urls[urlIndex].text + pathAndQuery }
}

/// What a request asks for, named after OpenTelemetry's `gen_ai.operation.name` where it defines a value.
enum Operation: String {
    case chat
    case textCompletion = "text_completion"
    case embeddings, responses, moderations
    /// The list of a server's models, and one of them.
    case models, model
    /// What a caller may use, and what is left of its limits.
    case caller
    case health
    /// A browser asks whether a page may send a request.
    case preflight
    /// A page for people.
    case page
    case other

    /// Whether its requests count in the metrics.
    var isMeasured: Bool { self != .health && self != .preflight }
}

/// How a stream of events marks its end. Without a mark, a stream that was cut off looks like a short one.
enum StreamEnd {
    /// No mark.
    case unmarked
    /// `data: [DONE]`.
    case done
    /// An event with a final state of the response, as in the Responses API, or `data: [DONE]`.
    case response

    static let failedState: StaticString = "response.failed"
    static let lastStates: [StaticString] = ["response.completed", "response.incomplete", failedState]
}

/// A server of the table, by reference.
final class UpstreamServer: Sendable {
    let server: Server
    /// Removes the server's token from what the server sends; nil if it has none.
    let redactor: Redactor?
    /// The same for names of header fields, which are in lower case.
    private let nameRedactor: Redactor?

    /// - Parameter credentials: for servers whose requests are signed. AWS's errors may quote the session token.
    init(_ server: Server, _ credentials: () -> AWSCredentials? = { nil }) {
        self.server = server
        let isSigned = server.urls.contains { $0.signing != nil }
        let secret = server.token ?? (isSigned ? credentials()?.sessionToken.map { Secret($0) } : nil)
        redactor = Redactor(secret)
        nameRedactor = Redactor(secret.map { Secret($0.revealed.lowercased()) })
    }

    func hasToken(inName name: String) -> Bool { nameRedactor.map { $0.redacted(name) != name } ?? false }
}

/// An endpoint that every OpenAI-compatible provider has. These are open by default; the table can open more.
struct Endpoint {
    let pattern: EndpointPattern
    let operation: Operation
    let methods: [HTTPRequest.Method]
    /// Whether the table's model is filled in if the body names none. Not for moderations, which use other models.
    let takesModel: Bool
    /// The mark that clients wait for at the end of a stream.
    var streamEnd = StreamEnd.unmarked
    /// Whether a stream reports its usage only if `stream_options` request it.
    var hasUsageOption = false

    static let standard = [
        Endpoint(
            pattern: .init("chat/completions"), operation: .chat, methods: [.post], takesModel: true, streamEnd: .done,
            hasUsageOption: true),
        Endpoint(
            pattern: .init("completions"), operation: .textCompletion, methods: [.post], takesModel: true,
            streamEnd: .done, hasUsageOption: true),
        Endpoint(pattern: .init("embeddings"), operation: .embeddings, methods: [.post], takesModel: true),
        Endpoint(
            pattern: .init("responses"), operation: .responses, methods: [.post], takesModel: true, streamEnd: .response
        ),
        Endpoint(pattern: .init("moderations"), operation: .moderations, methods: [.post], takesModel: false),
        Endpoint(pattern: .init("models"), operation: .models, methods: [.get], takesModel: false),
        Endpoint(pattern: .init("models/*"), operation: .model, methods: [.get], takesModel: false),
    ]
}

/// A path below `/v1` that is open, such as `audio/speech`. With a star at the end, as in `files/*`, it includes all
/// paths below.
package struct EndpointPattern: Sendable, Equatable {
    private let segments: [String]
    private let isPrefix: Bool

    package init(_ text: String) {
        var segments = text.split(separator: "/").map { String($0) }
        isPrefix = segments.last == "*"
        if isPrefix { segments.removeLast() }
        self.segments = segments
    }

    func matches(_ path: some RandomAccessCollection<RequestTarget.Segment>) -> Bool {
        guard isPrefix ? path.count >= segments.count : path.count == segments.count else { return false }
        return zip(path, segments).allSatisfy { $0.isNamed($1) }
    }

    /// In segments, without the star.
    var count: Int { segments.count }

    func isEnd(of path: [RequestTarget.Segment]) -> Bool { path.count >= count && matches(path.suffix(count)) }

    /// What follows this in a longer path; nil if the path doesn't begin with it.
    func rest(of path: [RequestTarget.Segment]) -> [RequestTarget.Segment]? {
        guard !isPrefix, path.count > segments.count, matches(Array(path.prefix(segments.count))) else { return nil }
        return Array(path.dropFirst(segments.count))
    }

    /// What precedes this in a path; nil if the path doesn't end with it. Ignores case and spaces.
    func base(of path: [RequestTarget.Segment]) -> ArraySlice<RequestTarget.Segment>? {
        guard !isPrefix, path.count >= segments.count else { return nil }
        guard zip(path.suffix(segments.count), segments).allSatisfy({ $0.isNamedAlmost($1) }) else { return nil }
        return path.dropLast(segments.count)
    }
}
