/// A name of `settings.models`: what callers may send as `model` to the address that all servers share.
package struct NamedModel: Sendable, Equatable {
    package var name: String
    /// At least one. The first that the caller may use is asked; the others are its fallbacks, in order.
    package var choices: [Choice]
    /// Whether the order is drawn anew for each request, by weight.
    package var isWeighted: Bool

    package struct Choice: Sendable, Equatable {
        package var target: Target
        /// At least 1.
        package var weight: Int

        package init(_ target: Target, weight: Int = 1) {
            self.target = target
            self.weight = weight
        }
    }

    package enum Target: Sendable, Equatable {
        /// - Parameter server: the name of one that isn't a reverse proxy.
        case model(String, server: String)
        /// Another name of `settings.models`. No name leads back to itself.
        case name(String)
    }

    package init(_ name: String, _ choices: [Choice], isWeighted: Bool = false) {
        self.name = name
        self.choices = choices
        self.isWeighted = isWeighted
    }
}
