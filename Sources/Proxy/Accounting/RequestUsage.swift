/// The tokens of one request, and what they cost.
struct RequestUsage {
    let tokens: TokenUsage
    /// In dollars; nil if the table has no price.
    let cost: Double?
    /// Whose tokens they are.
    let server: String

    /// Nil if no server has said anything that would have taken tokens.
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

    /// For the counters.
    var usage: Usage {
        let billionths = ((cost ?? 0) * 1e9).rounded(.up)
        return Usage(tokens: tokens.input + tokens.output, cost: Int(min(billionths, 1e15)))
    }
}

extension Operation {
    /// For an answer that doesn't say what it took; nil where that is nothing, or nobody can tell.
    fileprivate func estimate(_ meter: Meter) -> TokenUsage? {
        var usage = meter.estimate
        switch self {
        case .chat, .textCompletion, .responses: return usage
        case .embeddings:
            usage.output = 0
            return usage
        case .moderations, .models, .model, .health, .other: return nil
        }
    }
}
