import Transport

/// Passes on a body that isn't an event stream.
struct PlainFilter: BodyFilter {
    private let meter: Meter
    /// Whether the usage is read.
    private let isRead: Bool
    private let expectsJSON: Bool
    private var isEmpty = true
    private var ends = ContentEnds()

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
            if expectsJSON { ends.note(bytes) }
        }
        output.append(contentsOf: bytes)
        return nil
    }

    /// A body that breaks off can't be repaired. It is cut off here too, so that clients don't mistake it for a short
    /// success.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if let error { return .failed(error) }
        if expectsJSON, !ends.areJSON {
            return .failed(TransportError(.malformed, "the body isn't JSON, or its JSON ends too early"))
        }
        // A function URL doesn't deliver an empty body until the timeout.
        if isEmpty { output.append(UInt8(ascii: "\n")) }
        return .complete
    }

    mutating func fillSilence(into output: inout [UInt8]) {}
}

/// The first and the last byte of a body that aren't white space.
private struct ContentEnds {
    private var (first, last): (UInt8?, UInt8?)
    /// How much of a byte order mark has arrived at the very start.
    private var markLength = 0
    private var hasBegun = false

    /// Whether they open and close a JSON object or array.
    var areJSON: Bool { first?.closer.map { $0 == last } ?? false }

    mutating func note(_ bytes: UnsafeRawBufferPointer) {
        let start = bytes.endOfBlanks(from: hasBegun ? 0 : skipMark(bytes))
        guard start < bytes.count else { return }
        hasBegun = true
        first = first ?? bytes[start]
        // Ignores control characters, such as a NUL after the text, which can't be part of JSON that is cut off.
        last = bytes.last { $0 > 0x20 } ?? last
    }

    /// The offset after the byte order mark, part of which may have arrived earlier.
    private mutating func skipMark(_ bytes: UnsafeRawBufferPointer) -> Int {
        let mark = UnsafeRawBufferPointer.mark
        var start = 0
        while start < bytes.count, markLength < mark.utf8CodeUnitCount, bytes[start] == mark.utf8Start[markLength] {
            (start, markLength) = (start + 1, markLength + 1)
        }
        hasBegun = start < bytes.count
        // Half a mark doesn't count.
        if hasBegun, markLength > 0, markLength < mark.utf8CodeUnitCount { first = mark.utf8Start[0] }
        return start
    }
}
