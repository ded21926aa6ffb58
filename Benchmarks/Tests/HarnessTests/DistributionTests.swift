import Testing

@testable import harness

struct DistributionTests {
    @Test("Percentiles are measured values, in microseconds")
    func percentiles() throws {
        let distribution = try #require(Distribution(nanoseconds: (1...101).reversed().map { $0 * 1000 }))
        #expect(distribution.count == 101)
        #expect(distribution.p50 == 51)
        #expect(distribution.p90 == 91)
        #expect(distribution.p99 == 100)
        #expect(distribution.max == 101)
    }

    @Test("Without values there is no distribution")
    func nothing() { #expect(Distribution(nanoseconds: []) == nil) }
}
