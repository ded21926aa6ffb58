import Transport

/// How often, how long and where one server may be asked.
struct AttemptRules {
    /// Indices of the server's URLs, in the order in which they are asked; at least one.
    let urls: [Int]
    let retries: Int
    /// For all tries and waits together, in milliseconds.
    let total: Int?
}

extension AttemptRules {
    init(_ server: Server, _ random: () -> Double) {
        urls = WeightedOrder.draw(server.urls.map(\.weight), random)
        retries = server.retries
        total = server.limits.total
    }
}
