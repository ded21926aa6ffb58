/// Where a request goes: the server, the path, and the fallbacks.
struct Route {
    /// By reference, since routes are passed on often and a server is expensive to copy.
    let place: UpstreamServer
    var server: Server { place.server }
    /// What follows the server's URL, query included.
    let pathAndQuery: String
    let body: BodyRule
    var operation = Operation.other
    /// The mark by which a stream from here ends.
    var streamEnd = StreamEnd.unmarked
    /// What the caller sees of the server's list of models; nil for the list as it comes.
    var shownModels: ModelList.Shown?
    /// Its streams are asked for their usage when the caller doesn't.
    var asksForUsage = false
    /// The server seems to have refused that, so this request doesn't ask any more.
    var hasRefusedUsage = false
    /// Whether it replaces a server that has failed.
    var isFallback = false
    /// Where the request goes if this server fails, one after the other. They have no fallbacks of their own.
    var fallbacks: [Route] = []

    enum BodyRule: Equatable {
        /// A JSON object, in which the server's model is filled in if it has none.
        case json(model: String?)
        /// Whatever the endpoint takes.
        case opaque
    }

    /// The whole URL.
    /// - Parameter place: the index of one of the server's `urls`.
    func url(at place: Int) -> String { server.urls[place].text + pathAndQuery }
}

/// What a request asks for, named after OpenTelemetry's `gen_ai.operation.name` where it defines a value.
enum Operation: String {
    case chat
    case textCompletion = "text_completion"
    case embeddings, responses, moderations
    /// The list of a server's models, and one of them.
    case models, model
    case health
    case other
}

/// How a stream of events marks its end. Without a mark, a stream that was cut off looks like a short one.
enum StreamEnd {
    /// It has no mark.
    case unmarked
    /// By `data: [DONE]`.
    case done
    /// By an event with the last state of the response, as the Responses API has it; or by `data: [DONE]`.
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

    init(_ server: Server) {
        self.server = server
        redactor = Redactor(server.token)
        nameRedactor = Redactor(server.token.map { Secret($0.revealed.lowercased()) })
    }

    func hasToken(inName name: String) -> Bool { nameRedactor.map { $0.redacted(name) != name } ?? false }
}
