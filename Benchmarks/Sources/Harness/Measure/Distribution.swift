/// Percentiles of many times, in microseconds.
struct Distribution: Encodable, Equatable {
    let count: Int
    let p50: Double
    let p90: Double
    let p99: Double
    let max: Double

    init?(nanoseconds: [UInt64]) {
        let sorted = nanoseconds.sorted()
        guard let last = sorted.last else { return nil }
        func at(_ share: Double) -> Double { Double(sorted[Int(Double(sorted.count - 1) * share)]) / 1000 }
        count = sorted.count
        p50 = at(0.5)
        p90 = at(0.9)
        p99 = at(0.99)
        max = Double(last) / 1000
    }
}
