/// Where a request goes, decided once and for all.
struct Route {
    /// By reference: routes are handed on and on, and a server has much to copy.
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
    /// It seems to have refused that, so this request isn't asking any more.
    var hasRefusedUsage = false
    /// It is asked in place of a server that has failed.
    var isFallback = false
    /// Where the request goes when this server fails, one after the other. Those have none of their own.
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

/// What is asked for, in the words of OpenTelemetry's `gen_ai.operation.name` where it has one.
enum Operation: String {
    case chat
    case textCompletion = "text_completion"
    case embeddings, responses, moderations
    /// The list of a server's models, and one of them.
    case models, model
    case health
    case other
}

/// How a stream of events says that it is whole. Without such a mark a stream that was cut off looks like a short one.
enum StreamEnd {
    /// It doesn't: it just ends.
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
    /// Takes its token out of what it sends; nil if it has none.
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
