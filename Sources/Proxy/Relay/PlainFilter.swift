import Transport

/// Passes a body that is not an event stream as it comes.
struct PlainFilter: BodyFilter {
    private let meter: Meter
    /// Whether it is read what the answer has cost.
    private let isRead: Bool
    private let expectsJSON: Bool
    private var isEmpty = true
    /// The first and the last byte that aren't white space; 0 before there is one.
    private var (first, last): (UInt8, UInt8) = (0, 0)

    /// - Parameter expectsJSON: whether it must be a whole JSON object or array.
    init(meter: Meter, isRead: Bool, expectsJSON: Bool) {
        self.meter = meter
        self.isRead = isRead
        self.expectsJSON = expectsJSON
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        if !bytes.isEmpty {
            isEmpty = false
            meter.noteBytes(bytes.count)
            meter.noteOutput()
            if isRead { meter.noteText(bytes) }
            if expectsJSON { noteEnds(of: bytes) }
        }
        output.append(contentsOf: bytes)
        return nil
    }

    /// A body that breaks off can't be mended: it is cut off here too, so that it doesn't pass for a short success.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if let error { return .failed(error) }
        if expectsJSON, first == 0 || first.closer.map({ $0 != last }) ?? false {
            return .failed(TransportError(.malformed, "its JSON ends too early"))
        }
        // Behind a function URL an empty body hangs until the time-out.
        if isEmpty { output.append(UInt8(ascii: "\n")) }
        return .complete
    }

    mutating func fillSilence(into output: inout [UInt8]) {}

    private mutating func noteEnds(of bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last(where: { !$0.isWhiteSpace }) else { return }
        self.last = last
        if first == 0 { first = bytes[bytes.startOfContent] }
    }
}
