/// How many tokens an answer took.
struct TokenUsage: Equatable, Sendable {
    /// Of the request, with those that the provider had in its cache.
    var input: Int
    var output: Int
    /// Those of the input that the provider had in its cache; at most `input`.
    var cachedInput: Int
    /// The provider hasn't said it.
    var isEstimate: Bool

    /// Takes over what is said later. What it says nothing of, or 0, stands as it was.
    mutating func update(with later: TokenUsage) {
        if later.input > 0 { input = later.input }
        if later.output > 0 { output = later.output }
        if later.cachedInput > 0 { cachedInput = later.cachedInput }
        cachedInput = min(cachedInput, input)
    }

    /// Adds what another answer took.
    mutating func add(_ other: TokenUsage) {
        input += other.input
        output += other.output
        cachedInput += other.cachedInput
    }

    /// In dollars.
    func cost(at price: Price) -> Double {
        let cached = min(cachedInput, input)
        return Double(input - cached) * price.input + Double(cached) * (price.cachedInput ?? price.input)
            + Double(output) * price.output
    }
}
