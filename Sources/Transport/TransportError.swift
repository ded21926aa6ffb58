/// Why an exchange failed. Says what happened on the wire, not whose fault it is: that is for policy to judge.
package struct TransportError: Error, Equatable {
    package enum Kind: Sendable, Equatable {
        case unresolved, refused, handshake, tls, connectTimeout, firstByteTimeout, idleTimeout, timeout
        case reset, malformed, canceled, invalidRequest, tooLarge
        /// The time of the whole invocation ran out, not that of the exchange.
        case deadline
    }

    package let kind: Kind
    /// For the owner's log: may name hosts and addresses, so it is never sent to a caller.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
