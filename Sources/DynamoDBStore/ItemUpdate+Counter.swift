import JSONBytes
import Proxy

extension ItemUpdate {
    init(taking request: PermitRequest) {
        self.init(of: request.counter)
        add(.number(request.requests), to: Attribute.requests)
        require(Attribute.requests, belowLimit: request.quotas.requests)
        require(Attribute.tokens, belowLimit: request.quotas.tokens)
        require(Attribute.cost, belowLimit: request.quotas.cost)
        wantsItem = true
    }

    init(adding usage: Usage, to counter: Counter) {
        self.init(of: counter)
        for (attribute, amount) in [
            (Attribute.requests, usage.requests), (Attribute.tokens, usage.tokens), (Attribute.cost, usage.cost),
        ] where amount != 0 {
            add(.number(amount), to: attribute)
        }
    }

    private init(of counter: Counter) {
        self.init(of: "\(counter.scope)#\(counter.period.rawValue)#\(counter.start)", expires: counter.expires)
    }

    /// - Parameter quota: `Int.max` for none.
    private mutating func require(_ attribute: String, belowLimit quota: Int) {
        if quota < .max { require(attribute, below: quota) }
    }
}

extension Counter {
    /// What a request has used may be told after the period's end: streams are long. In seconds since 1970.
    fileprivate var expires: Int64 { end + (period == .minute ? 3600 : 2 * 86_400) }
}
