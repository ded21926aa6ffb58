import JSONBytes
import Proxy

extension ItemUpdate {
    init(taking demand: Demand) {
        self.init(of: demand.counter)
        add(.number(demand.requests), to: Attribute.requests)
        require(Attribute.requests, belowLimit: demand.ceilings.requests)
        require(Attribute.tokens, belowLimit: demand.ceilings.tokens)
        require(Attribute.cost, belowLimit: demand.ceilings.cost)
        wantsItem = true
    }

    init(adding amounts: Amounts, to counter: Counter) {
        self.init(of: counter)
        for (attribute, amount) in [
            (Attribute.requests, amounts.requests), (Attribute.tokens, amounts.tokens), (Attribute.cost, amounts.cost),
        ] where amount != 0 {
            add(.number(amount), to: attribute)
        }
    }

    private init(of counter: Counter) {
        self.init(of: "\(counter.scope)#\(counter.period.rawValue)#\(counter.start)", expires: counter.expires)
    }

    /// - Parameter ceiling: `Int.max` for none.
    private mutating func require(_ attribute: String, belowLimit ceiling: Int) {
        if ceiling < .max { require(attribute, below: ceiling) }
    }
}

extension Counter {
    /// What a request has used may be told after the period's end: streams are long. In seconds since 1970.
    fileprivate var expires: Int64 { end + (period == .minute ? 3600 : 2 * 86_400) }
}
