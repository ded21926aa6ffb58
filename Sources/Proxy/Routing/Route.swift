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
