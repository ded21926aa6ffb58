import Testing

@testable import Proxy

@Suite struct PrefetchedPermitsTests {
    private let counter = Counter("key/web", .minute, start: 60)

    /// Lets processes ask in turns until none gets a permit.
    private func granted(quota: Int, processes: Int, _ turn: (Int) -> Int) -> (granted: Int, asked: Int) {
        let store = MemoryStore { 61_000 }
        let stocks = (0..<processes).map { _ in PrefetchedPermits() }
        let quotas = [Quota(.requests, each: .minute, quota)]
        var (granted, asked, refusedInARow) = (0, 0, 0)
        while refusedInARow < processes * 4 {
            let prefetched = stocks[turn(granted + refusedInARow) % processes]
            var result = prefetched.result(counter, quotas)
            if result == nil {
                asked += 1
                let request = PermitRequest(
                    counter, requests: prefetched.batch(of: counter, quotas), quotas: Usage(most: quotas))
                result = prefetched.note(store.take(request), request)
            }
            if case .granted = result { (granted, refusedInARow) = (granted + 1, 0) } else { refusedInARow += 1 }
        }
        return (granted, asked)
    }

    @Test(
        "However many processes there are, they get exactly the limit",
        arguments: [1, 7, 99, 100, 250, 1000, 12_345])
    func grantsAll(quota: Int) {
        for processes in [1, 2, 8, 50] {
            #expect(granted(quota: quota, processes: processes) { $0 }.granted == quota)
            #expect(granted(quota: quota, processes: processes) { $0 / 3 }.granted == quota)
        }
    }

    @Test("A busy process takes many permits at once, but at most a hundredth of the quota")
    func asksSeldom() {
        #expect(granted(quota: 5000, processes: 1) { _ in 0 }.asked < 120)
        #expect(granted(quota: 100, processes: 1) { _ in 0 }.asked == 101)
    }

    @Test("Only the prefetched permits of a process that ends are lost")
    func losesLittle() {
        let store = MemoryStore { 61_000 }
        let quotas = [Quota(.requests, each: .minute, 1000)]
        var granted = 0
        // Each process serves 15 requests and then ends.
        for _ in 0..<1000 {
            let prefetched = PrefetchedPermits()
            for _ in 0..<15 {
                if let result = prefetched.result(counter, quotas) {
                    if !result.isRefused { granted += 1 }
                    continue
                }
                let request = PermitRequest(
                    counter, requests: prefetched.batch(of: counter, quotas), quotas: Usage(most: quotas))
                if !prefetched.note(store.take(request), request).isRefused { granted += 1 }
            }
        }
        #expect((500...1000).contains(granted))
    }

    @Test("If tokens are limited too, the store is asked each time")
    func asksForTokens() {
        let prefetched = PrefetchedPermits()
        let quotas = [Quota(.requests, each: .minute, 10_000), Quota(.tokens, each: .minute, 10)]
        for number in 1...200 {
            #expect(prefetched.result(counter, quotas)?.isRefused == nil)
            let request = PermitRequest(
                counter, requests: prefetched.batch(of: counter, quotas), quotas: Usage(most: quotas))
            #expect(request.requests == 1)
            _ = prefetched.note(.granted(Usage(requests: number)), request)
        }
    }

    @Test("Lists and requests whose tokens count share neither prefetched permits nor refusals")
    func keepsApart() {
        let store = MemoryStore { 61_000 }
        let prefetched = PrefetchedPermits()
        let list = [Quota(.requests, each: .minute, 1000)]
        let chat = list + [Quota(.tokens, each: .minute, 10)]
        func ask(_ quotas: [Quota]) -> (result: QuotaCheckResult, isAsked: Bool) {
            if let result = prefetched.result(counter, quotas) { return (result, false) }
            let request = PermitRequest(
                counter, requests: prefetched.batch(of: counter, quotas), quotas: Usage(most: quotas))
            return (prefetched.note(store.take(request), request), true)
        }
        var asked = 0
        for _ in 0..<50 where ask(list).isAsked { asked += 1 }
        #expect(asked < 20)
        store.add(Usage(tokens: 10), to: counter)
        for isAsked in [true, false] {
            let (result, wasAsked) = ask(chat)
            #expect(result.isRefused && wasAsked == isAsked)
            #expect(!ask(list).result.isRefused)
        }
    }

    @Test("A new period starts without knowledge of the last")
    func forgets() {
        let prefetched = PrefetchedPermits()
        let quotas = [Quota(.requests, each: .minute, 1)]
        let request = PermitRequest(counter, requests: 1, quotas: Usage(most: quotas))
        _ = prefetched.note(.refused(Usage(requests: 1)), request)
        #expect(prefetched.result(counter, quotas)?.isRefused == true)
        let next = Counter("key/web", .minute, start: 120)
        #expect(prefetched.result(next, quotas)?.isRefused == nil)
    }

    @Test("Impossible numbers from a store don't trap", arguments: [Int(-1e18), -1, 0, Int(1e18)])
    func endures(requests: Int) {
        for quota in [1, 1_000_000_000_000, .max] {
            let prefetched = PrefetchedPermits()
            let request = PermitRequest(counter, requests: 50, quotas: Usage(requests: quota, tokens: .max, cost: .max))
            let result = prefetched.note(.granted(Usage(requests: requests)), request)
            #expect(!result.isRefused)
            var fields = RateLimitFields()
            let quotas = [Quota(.requests, each: .minute, min(quota, 1_000_000_000_000))]
            fields.note([(.counter(counter, .caller(.key("web")), quotas), .success(result))], at: 61_000)
            #expect(fields.requests != nil)
        }
    }
}
