package import HTTPTypes

/// Stands between a response and its reader: sees all bytes, decides what is passed on and how the body ends.
package protocol BodyFilter {
    /// Takes the next bytes of the body and appends to `output` what may be passed on now.
    /// - Returns: how the body ends, if it ends here whatever else may come; nil to go on.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End?

    /// The body has ended, with an error or without: appends what is still to be said.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End

    /// The reader has heard nothing for a while: appends what fills the silence, if there is something harmless.
    mutating func fillSilence(into output: inout [UInt8])
}

/// How a body ends, as the reader of a pipe sees it.
extension BodyPipe {
    package enum End {
        case complete
        /// With its last chunk, but it says itself that it is only a part; the trailers say it again. The type of the
        /// failure and the reason are for the owner's log.
        case partial(type: String, reason: String, trailers: HTTPFields)
        /// Cut off without a last chunk: what was sent so far must not pass for a whole body.
        case failed(TransportError)
    }
}
