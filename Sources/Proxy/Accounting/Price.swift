/// What a server asks for its tokens, in dollars for each.
package struct Price: Sendable, Equatable {
    package var input: Double
    package var output: Double
    /// For those of the input that the provider had in its cache; nil if they cost as much as others.
    package var cachedInput: Double?

    package init(input: Double, output: Double, cachedInput: Double? = nil) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
    }
}

/// The prices of a server's models.
package struct PriceList: Sendable, Equatable {
    /// For a model that none of `models` fits.
    package var standard: Price?
    /// The first that fits counts.
    package var models: [(pattern: ModelPattern, price: Price)] = []

    package init() {}

    package var isEmpty: Bool { standard == nil && models.isEmpty }

    /// - Parameter model: nil if the request names none.
    func price(of model: String?) -> Price? {
        models.first { $0.pattern.matches(model ?? "") }?.price ?? standard
    }

    package static func == (one: PriceList, other: PriceList) -> Bool {
        one.standard == other.standard && one.models.elementsEqual(other.models) { $0 == $1 }
    }
}
