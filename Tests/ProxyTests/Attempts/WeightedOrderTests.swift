import Testing

@testable import Proxy

@Suite struct WeightedOrderTests {
    private func draw(_ weights: [Int], _ numbers: [Double]) -> [Int] {
        var numbers = numbers[...]
        return WeightedOrder.draw(weights) { numbers.popFirst() ?? .nan }
    }

    @Test(
        "Each draw is by weight, among those that are left",
        arguments: [
            ([1], [], [0]), ([1, 1], [0], [0, 1]), ([1, 1], [0.49], [0, 1]), ([1, 1], [0.5], [1, 0]),
            ([3, 1], [0.74], [0, 1]), ([3, 1], [0.75], [1, 0]), ([1, 2, 1], [0.25, 0.5], [1, 2, 0]),
            ([1, 2, 1], [0.9, 0.9], [2, 1, 0]), ([1, 2, 1], [0, 0], [0, 1, 2]),
            ([.max, .max], [0.999_999_999_999_999_9], [1, 0]),
        ] as [([Int], [Double], [Int])])
    func draws(weights: [Int], numbers: [Double], order: [Int]) {
        #expect(draw(weights, numbers) == order)
    }

    @Test("Over many requests each comes first about as often as its weight says")
    func spreads() {
        var firsts = [0, 0, 0]
        for number in 0..<1000 { firsts[draw([5, 3, 2], [Double(number) / 1000, 0])[0]] += 1 }
        #expect(firsts == [500, 300, 200])
    }
}
