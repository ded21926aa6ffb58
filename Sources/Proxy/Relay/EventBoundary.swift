/// Finds where server-sent events end: behind each empty line. Line ends may be LF, CRLF or CR, as the HTML standard
/// allows ("Parsing an event stream").
struct EventBoundary {
    private enum Previous {
        case other
        /// Perhaps the first half of a CRLF.
        case carriageReturn
        /// The same, and the event that it ended has been told.
        case toldCarriageReturn
    }

    private var previous = Previous.other
    private var isLineEmpty = true
    /// Whether the line that ended last was empty.
    private var endsEvent = false

    /// - Returns: the offset behind the first event that ends at or behind `start`; nil if none does. Each byte is looked
    ///   at once: go on with the returned offset, or with the bytes that follow.
    mutating func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x0A:
                if previous == .other { endLine() }
                previous = .other
                index += 1
                if endsEvent { return index }
            case 0x0D:
                endLine()
                // Of CR CR it is clear at once; behind CRLF CR a second LF is awaited.
                let isClear = endsEvent && previous != .other
                previous = isClear ? .toldCarriageReturn : .carriageReturn
                index += 1
                if isClear { return index }
            default:
                let wasAwaited = endsWithBytes
                previous = .other
                isLineEmpty = false
                if wasAwaited { return index }
                index = bytes.lineEnd(from: index)
            }
        }
        return nil
    }

    /// An event is whole, unless a line feed follows: it would still be a part of it.
    var endsWithBytes: Bool { previous == .carriageReturn && endsEvent }

    /// A line feed that follows would be the second half of a line end that was told already.
    var mayGetLineFeed: Bool { previous == .toldCarriageReturn }

    private mutating func endLine() {
        endsEvent = isLineEmpty
        isLineEmpty = true
    }
}
