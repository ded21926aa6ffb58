import Testing

@testable import FunctionURL

@Suite struct UsagePlanTests {
    private static let value = "0123456789abcdefghij"
    private static let other = "jihgfedcba9876543210"
    private static let day = 86_400_000

    private func plan(_ throttle: UsagePlan.Throttle? = nil, quota: UsagePlan.Quota? = nil) throws -> UsagePlan {
        let keys = try ["team=\(Self.value)", "other=\(Self.other)"].map { try #require(APIKey($0)) }
        return UsagePlan(keys: keys, throttle: throttle, quota: quota)
    }

    private func request(_ key: String?, method: String = "POST") -> CallerRequest {
        CallerRequest(method: method, target: "/", headers: key.map { [HeaderField("X-Api-Key", $0)] } ?? [])
    }

    /// What becomes of a request at a time in milliseconds: nil if it is admitted.
    private func refusal(_ plan: inout UsagePlan, key: String = value, at now: Int) -> UsagePlan.Refusal? {
        do throws(Failure) {
            _ = try plan.admit(request(key), at: now)
            return nil
        } catch {
            guard case .refused(let refusal) = error else { return nil }
            return refusal
        }
    }

    @Test func `A request needs a key of the plan, a preflight needs none`() throws {
        var plan = try self.plan()
        #expect(try plan.admit(self.request(Self.value), at: 0)?.name == "team")
        #expect(try plan.admit(self.request(nil, method: "OPTIONS"), at: 0) == nil)
        for wrong in [nil, "", "0123456789abcdefghiJ", Self.value + "0"] {
            #expect(throws: Failure.refused(.unknownKey)) { try plan.admit(self.request(wrong), at: 0) }
        }
    }

    @Test func `A burst is admitted at once, then the rate`() throws {
        var plan = try self.plan(UsagePlan.Throttle(rate: 2, burst: 3))
        let times = [0, 0, 0, 0, 400, 500, 500, 1000, 60_000, 60_000, 60_000, 60_000]
        let refused = times.map { self.refusal(&plan, at: $0) == .tooFast }
        #expect(refused == [false, false, false, true, true, false, true, false, false, false, false, true])
    }

    @Test func `Each key has its own throttle and quota`() throws {
        let quota = UsagePlan.Quota(limit: 1, period: .day)
        for var plan in [try self.plan(UsagePlan.Throttle(rate: 1, burst: 1)), try self.plan(quota: quota)] {
            #expect(self.refusal(&plan, at: 0) == nil)
            #expect(self.refusal(&plan, at: 0) != nil)
            #expect(self.refusal(&plan, key: Self.other, at: 0) == nil)
        }
    }

    // 1970 began on a Thursday: its first Sunday is day 3, February is day 31.
    @Test(arguments: [
        (UsagePlan.Quota.Period.day, day - 1, day), (.week, 3 * day - 1, 3 * day), (.week, 10 * day - 1, 10 * day),
        (.month, 31 * day - 1, 31 * day), (.month, 365 * day - 1, 365 * day),
    ])
    func `A quota opens again with the next period`(period: UsagePlan.Quota.Period, last: Int, next: Int) throws {
        var plan = try self.plan(quota: UsagePlan.Quota(limit: 2, period: period))
        let refused = [last, last, last, next, next, next].map { self.refusal(&plan, at: $0) }
        #expect(refused == [nil, nil, .quotaUsedUp, nil, nil, .quotaUsedUp])
    }

    @Test func `A refused request isn't charged to the quota`() throws {
        var plan = try self.plan(
            UsagePlan.Throttle(rate: 1, burst: 1), quota: UsagePlan.Quota(limit: 2, period: .month))
        let refused = [0, 0, 0, 1000, 2000].map { self.refusal(&plan, at: $0) }
        #expect(refused == [nil, .tooFast, .tooFast, nil, .quotaUsedUp])
    }

    @Test func `The clock may go back`() throws {
        var plan = try self.plan(UsagePlan.Throttle(rate: 1, burst: 1))
        #expect([5000, 1000, 5500, 6000].map { self.refusal(&plan, at: $0) } == [nil, .tooFast, .tooFast, nil])
    }

    @Test func `The id of a key follows from its name`() throws {
        let keys = try self.plan().keys
        #expect(keys[0].id == APIKey("team=\(Self.other)")?.id)
        #expect(keys[0].id != keys[1].id)
        #expect(keys.allSatisfy { $0.id.utf8.count == 10 })
    }

    @Test(
        arguments: [
            ("", nil), ("team", nil), ("=\(value)", nil), ("team=\(String(repeating: "x", count: 19))", nil),
            ("team=\(String(repeating: "x", count: 129))", nil), ("team=\(value)", value),
            ("a=\(value)=", "\(value)="),
        ] as [(String, String?)])
    func `A key is a name and a value that AWS would take`(text: String, value: String?) {
        #expect(APIKey(text)?.value == value)
    }
}
