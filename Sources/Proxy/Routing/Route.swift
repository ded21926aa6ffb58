/// Where a request goes, decided once and for all.
struct Route {
    let server: Server
    /// The whole URL, query included.
    let url: String
    let body: BodyRule
    /// The mark by which a stream from here ends.
    var streamEnd = StreamEnd.unmarked

    enum BodyRule: Equatable {
        /// A JSON object, in which the server's model is filled in if it has none.
        case json(model: String?)
        /// Whatever the endpoint takes.
        case opaque
    }
}
