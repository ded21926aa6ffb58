/// A random order in which the heavier come earlier more often.
enum WeightedOrder {
    /// Draws without putting back, each draw by weight.
    /// - Parameter random: a number from 0 up to, but not including, 1.
    static func draw(_ weights: [Int], _ random: () -> Double) -> [Int] {
        var left = Array(weights.indices)
        var order: [Int] = []
        while left.count > 1 {
            let total = left.reduce(0.0) { $0 + Double(weights[$1]) }
            var rest = random() * total
            let chosen = left.indices.first { position in
                rest -= Double(weights[left[position]])
                return rest < 0
            }
            order.append(left.remove(at: chosen ?? left.count - 1))
        }
        return order + left
    }
}
