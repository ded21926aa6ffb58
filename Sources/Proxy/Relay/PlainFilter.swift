import Transport

/// Passes a body that is not an event stream as it comes.
struct PlainFilter: BodyFilter {
    private var isEmpty = true

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        if !bytes.isEmpty { isEmpty = false }
        output.append(contentsOf: bytes)
        return nil
    }

    /// A body that breaks off can't be mended: it is cut off here too, so that it doesn't pass for a short success.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if let error { return .failed(error) }
        // Behind a function URL an empty body hangs until the time-out.
        if isEmpty { output.append(UInt8(ascii: "\n")) }
        return .complete
    }

    mutating func fillSilence(into output: inout [UInt8]) {}
}
