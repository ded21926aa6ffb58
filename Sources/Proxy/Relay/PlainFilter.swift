import Transport

/// Passes a body that is not an event stream as it comes.
struct PlainFilter: BodyFilter {
    private let meter: Meter
    /// Whether it is read what the answer has cost.
    private let isRead: Bool
    private var isEmpty = true

    init(meter: Meter, isRead: Bool) {
        self.meter = meter
        self.isRead = isRead
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        if !bytes.isEmpty {
            isEmpty = false
            meter.noteBytes(bytes.count)
            meter.noteOutput()
            if isRead { meter.noteText(bytes) }
        }
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
