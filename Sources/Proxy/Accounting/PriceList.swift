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
