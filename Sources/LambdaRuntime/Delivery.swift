package import Transport

/// How an answer was taken. Only the Runtime API's client makes one, so whoever has one has answered.
package enum Delivery: Equatable {
    case accepted
    /// Not taken: 410 means that the answer belongs to an attempt that has timed out.
    case rejected(status: Int, String)
    case failed(TransportError)
}
