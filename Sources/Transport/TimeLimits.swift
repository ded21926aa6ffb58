/// How long the parts of an exchange may take, in milliseconds. Nil waits for ever.
package struct TimeLimits: Sendable, Equatable {
    /// For the connection with its TLS handshake.
    package var connect = 5000
    /// From the beginning to the response body's first byte.
    package var firstByte: Int?
    /// Between two bytes of the response body. Doesn't run while the reader holds the sender up.
    package var idle: Int?
    /// For the whole exchange.
    package var total: Int?
    /// Not a limit: after so long without anything for the reader its filter may fill the silence.
    package var silence: Int?

    package init() {}
}
