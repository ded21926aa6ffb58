/// One of the places at which a server can be reached.
package struct WeightedURL: Sendable, Equatable {
    /// Without a slash at its end, percent-encoded.
    package var text: String
    /// At least 1.
    package var weight: Int

    package init(_ text: String, weight: Int = 1) {
        self.text = text
        self.weight = weight
    }
}
