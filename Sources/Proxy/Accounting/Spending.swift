/// What a request has used, and what that costs.
struct Spending {
    let usage: Usage
    /// In dollars; nil if the table has no price.
    let cost: Double?

    /// Nil if no server has said anything that would have taken tokens.
    init?(_ record: RequestRecord) {
        guard let meter = record.meter, let server = record.server, !record.isRead else { return nil }
        // A provider that was too slow has read the request, and will want to be paid for it.
        let hasBegun = meter.firstOutput != nil || record.failure?.wasTooSlow == true
        guard let usage = meter.usage ?? (hasBegun ? record.operation.estimate(meter) : nil) else { return nil }
        self.usage = usage
        cost = server.prices.price(of: record.model).map { usage.cost(at: $0) }
    }

    /// For the counters.
    var amounts: Amounts {
        let billionths = ((cost ?? 0) * 1e9).rounded(.up)
        return Amounts(tokens: usage.input + usage.output, cost: Int(min(billionths, 1e15)))
    }
}

extension Operation {
    /// For an answer that doesn't say what it took; nil where that is nothing, or nobody can tell.
    fileprivate func estimate(_ meter: Meter) -> Usage? {
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
