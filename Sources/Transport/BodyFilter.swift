package import HTTPTypes

/// Stands between a response and its reader: sees all bytes, decides what is passed on and how the body ends.
package protocol BodyFilter {
    /// Takes the next bytes of the body and appends to `output` what may be passed on now.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8])

    /// The body has ended, with an error or without: appends what is still to be said.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End
}

/// How a body ends, as the reader of a pipe sees it.
extension BodyPipe {
    package enum End {
        /// With its last chunk, and these trailers.
        case complete(trailers: HTTPFields)
        /// Cut off without a last chunk: what was sent so far must not pass for a whole body.
        case failed(TransportError)
    }
}
