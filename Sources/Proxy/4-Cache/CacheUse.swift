import HTTPTypes
import LambdaRuntime

/// What the cache does for one request: for the response's header fields, and for the record.
///
/// `@unchecked Sendable`: used on the loop only.
final class CacheUse: @unchecked Sendable {
    enum Outcome {
        /// - Parameters:
        ///   - age: in seconds.
        ///   - timeLeft: how long the entry may still be used, in seconds.
        case hit(CacheEntry, CacheLayerName, age: Int, timeLeft: Int)
        case miss(Miss)
        /// The response to an identical request, which is on its way.
        case collapsed(SharedResponse)
        /// The cache isn't asked.
        case bypass
    }

    /// Why no stored response is used, as RFC 9211 names it.
    enum Miss: String {
        case unknown = "uri-miss"
        case stale
        /// The caller's `Cache-Control` forbids it.
        case request
    }

    let server: Server
    var outcome = Outcome.bypass
    /// What this request gets from the server, to be stored.
    var recording: SharedResponse?
    /// Where that is stored; nil for nowhere.
    var destination: (key: CacheKey, policy: CachePolicy)?
    /// What a hit in a slow layer adds to faster ones.
    var refill: (key: CacheKey, entry: [UInt8], expires: Int64, layers: [CacheLayerName])?

    init(of server: Server) { self.server = server }

    /// The model that has answered, according to the server; nil if it isn't known.
    var answeredModel: String? {
        switch outcome {
        case .hit(let entry, _, _, _): entry.answeredModel
        case .collapsed(let response): response.meter?.model
        case .miss, .bypass: nil
        }
    }

    /// Measures the response that this request shares; nil if it shares none.
    var followedMeter: Meter? {
        if case .collapsed(let response) = outcome { response.meter } else { nil }
    }

    /// The server whose response is used; nil if the request asks one itself.
    var servingServer: Server? {
        switch outcome {
        case .hit, .collapsed: server
        case .miss, .bypass: nil
        }
    }

    /// What the request would have used without the cache; nil if it used the same, or if that isn't known.
    var saved: (tokens: TokenUsage, cost: Double?)? {
        let (usage, model): (TokenUsage?, String?)
        switch outcome {
        case .hit(let entry, _, _, _): (usage, model) = (entry.usage, entry.model)
        case .collapsed(let response): (usage, model) = (response.meter?.usage, response.model)
        case .miss, .bypass: return nil
        }
        return usage.map { ($0, server.prices.price(of: model).map($0.cost(at:))) }
    }

    /// For the record.
    var name: String {
        switch outcome {
        case .hit: "hit"
        case .miss: "miss"
        case .collapsed: "collapsed"
        case .bypass: "bypass"
        }
    }

    /// `Cache-Status` (RFC 9211), `Age`, and a word for people.
    func write(to fields: inout HTTPFields) {
        var status = "lambda-openai-proxy; "
        switch outcome {
        case .hit(_, let layer, let age, let timeLeft):
            status += "hit; ttl=\(timeLeft); detail=\(layer.rawValue)"
            fields[.age] = "\(age)"
        case .miss(let reason): status += "fwd=\(reason.rawValue)"
        case .collapsed: status += "fwd=\(Miss.unknown.rawValue); collapsed"
        case .bypass: status += "fwd=bypass"
        }
        fields[.cacheStatus] = status
        fields[.cacheWord] = word
    }

    private var word: String {
        switch outcome {
        case .hit: "HIT"
        case .miss, .collapsed: "MISS"
        case .bypass: "BYPASS"
        }
    }
}
