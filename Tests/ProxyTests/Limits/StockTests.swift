import Testing

@testable import Proxy

@Suite struct StockTests {
    private let counter = Counter("key/web", .minute, start: 60)

    /// Lets processes ask in turns until nobody gets anything.
    private func granted(ceiling: Int, processes: Int, _ turn: (Int) -> Int) -> (granted: Int, asked: Int) {
        let store = MemoryStore { 61_000 }
        let stocks = (0..<processes).map { _ in Stock() }
        let ceilings = [Ceiling(.requests, each: .minute, ceiling)]
        var (granted, asked, refusedInARow) = (0, 0, 0)
        while refusedInARow < processes * 4 {
            let stock = stocks[turn(granted + refusedInARow) % processes]
            var verdict = stock.verdict(counter, ceilings)
            if verdict == nil {
                asked += 1
                let demand = Demand(
                    counter, requests: stock.batch(of: counter, ceilings), ceilings: Amounts(most: ceilings))
                verdict = stock.note(store.take(demand), demand)
            }
            if case .granted = verdict { (granted, refusedInARow) = (granted + 1, 0) } else { refusedInARow += 1 }
        }
        return (granted, asked)
    }

    @Test(
        "However many processes there are, they get the limit and not one more",
        arguments: [1, 7, 99, 100, 250, 1000, 12_345])
    func grantsAll(ceiling: Int) {
        for processes in [1, 2, 8, 50] {
            #expect(granted(ceiling: ceiling, processes: processes) { $0 }.granted == ceiling)
            #expect(granted(ceiling: ceiling, processes: processes) { $0 / 3 }.granted == ceiling)
        }
    }

    @Test("A process that is busy asks for many at once, but for no more than a hundredth")
    func asksSeldom() {
        #expect(granted(ceiling: 5000, processes: 1) { _ in 0 }.asked < 120)
        #expect(granted(ceiling: 100, processes: 1) { _ in 0 }.asked == 101)
    }

    @Test("What lies in stock when a process ends is all that is lost")
    func losesLittle() {
        let store = MemoryStore { 61_000 }
        let ceilings = [Ceiling(.requests, each: .minute, 1000)]
        var granted = 0
        // Each process serves 15 requests and is never heard of again.
        for _ in 0..<1000 {
            let stock = Stock()
            for _ in 0..<15 {
                if let verdict = stock.verdict(counter, ceilings) {
                    if !verdict.isRefused { granted += 1 }
                    continue
                }
                let demand = Demand(
                    counter, requests: stock.batch(of: counter, ceilings), ceilings: Amounts(most: ceilings))
                if !stock.note(store.take(demand), demand).isRefused { granted += 1 }
            }
        }
        #expect((500...1000).contains(granted))
    }

    @Test("Where tokens count too, the store is asked each time")
    func asksForTokens() {
        let stock = Stock()
        let ceilings = [Ceiling(.requests, each: .minute, 10_000), Ceiling(.tokens, each: .minute, 10)]
        for number in 1...200 {
            #expect(stock.verdict(counter, ceilings)?.isRefused == nil)
            let demand = Demand(
                counter, requests: stock.batch(of: counter, ceilings), ceilings: Amounts(most: ceilings))
            #expect(demand.requests == 1)
            _ = stock.note(.granted(Amounts(requests: number)), demand)
        }
    }

    @Test("What lists have taken ahead isn't for requests whose tokens count, nor what these have used up for lists")
    func keepsApart() {
        let store = MemoryStore { 61_000 }
        let stock = Stock()
        let list = [Ceiling(.requests, each: .minute, 1000)]
        let chat = list + [Ceiling(.tokens, each: .minute, 10)]
        func ask(_ ceilings: [Ceiling]) -> (verdict: Verdict, isAsked: Bool) {
            if let verdict = stock.verdict(counter, ceilings) { return (verdict, false) }
            let demand = Demand(
                counter, requests: stock.batch(of: counter, ceilings), ceilings: Amounts(most: ceilings))
            return (stock.note(store.take(demand), demand), true)
        }
        var asked = 0
        for _ in 0..<50 where ask(list).isAsked { asked += 1 }
        #expect(asked < 20)
        store.add(Amounts(tokens: 10), to: counter)
        for isAsked in [true, false] {
            let (verdict, wasAsked) = ask(chat)
            #expect(verdict.isRefused && wasAsked == isAsked)
            #expect(!ask(list).verdict.isRefused)
        }
    }

    @Test("A new period begins with nothing known of the last")
    func forgets() {
        let stock = Stock()
        let ceilings = [Ceiling(.requests, each: .minute, 1)]
        let demand = Demand(counter, requests: 1, ceilings: Amounts(most: ceilings))
        _ = stock.note(.refused(Amounts(requests: 1)), demand)
        #expect(stock.verdict(counter, ceilings)?.isRefused == true)
        let next = Counter("key/web", .minute, start: 120)
        #expect(stock.verdict(next, ceilings)?.isRefused == nil)
        _ = stock.note(.granted(Amounts(requests: 1)), Demand(next, requests: 1, ceilings: demand.ceilings))
        #expect(stock.verdict(counter, ceilings)?.isRefused == nil)
    }

    @Test("What a store says that can't be is no reason to stop", arguments: [Int(-1e18), -1, 0, Int(1e18)])
    func endures(requests: Int) {
        for ceiling in [1, 1_000_000_000_000, .max] {
            let stock = Stock()
            let demand = Demand(counter, requests: 50, ceilings: Amounts(requests: ceiling, tokens: .max, cost: .max))
            let verdict = stock.note(.granted(Amounts(requests: requests)), demand)
            #expect(!verdict.isRefused)
            var fields = RateLimitFields()
            let ceilings = [Ceiling(.requests, each: .minute, min(ceiling, 1_000_000_000_000))]
            fields.note([(.counter(counter, .key("web"), ceilings), verdict)], at: 61_000)
            #expect(fields.requests != nil)
        }
    }
}
