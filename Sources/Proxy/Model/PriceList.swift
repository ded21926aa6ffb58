/// The prices of a server's models.
package struct PriceList: Sendable, Equatable {
    /// For models that no pattern in `models` matches.
    package var standard: Price?
    /// The first match counts.
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

/// The price of a model's tokens, in dollars per token.
package struct Price: Sendable, Equatable {
    package var input: Double
    package var output: Double
    /// For input tokens that the provider reads from its cache; nil if they cost as much as others.
    package var cachedInput: Double?

    package init(input: Double, output: Double, cachedInput: Double? = nil) {
        self.input = input
        self.output = output
        self.cachedInput = cachedInput
    }
}

/// A pattern for model names, in which `*` stands for any number of characters. Compared by bytes, so that a name that
/// only looks like an allowed one doesn't match.
package struct ModelPattern: Sendable, Equatable {
    package let text: String
    private let parts: [[UInt8]]

    package init(_ text: String) {
        self.text = text
        parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map { Array($0) }
    }

    package func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return parts.first == name }
        guard name.starts(with: first), name.count >= first.count + last.count,
            name.suffix(last.count).elementsEqual(last)
        else { return false }
        var rest = name[first.count..<name.count - last.count]
        for part in parts.dropFirst().dropLast() {
            guard let found = Self.end(of: part, in: rest) else { return false }
            rest = rest[found...]
        }
        return true
    }

    /// The offset after the first occurrence of the part.
    private static func end(of part: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
        guard part.count <= text.count else { return nil }
        return (text.startIndex...text.endIndex - part.count)
            .first { text[$0..<$0 + part.count].elementsEqual(part) }.map { $0 + part.count }
    }
}
