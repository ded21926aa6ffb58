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
