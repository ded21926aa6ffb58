/// Finds where server-sent events end: behind each empty line. Line ends may be LF, CRLF or CR, as the HTML standard
/// allows ("Parsing an event stream").
struct EventBoundary {
    private enum Previous { case carriageReturn, other }

    private var previous = Previous.other
    private var isLineEmpty = true
    /// Whether the line that ended last was empty.
    private var endsEvent = false

    /// - Returns: the offset behind the last event that ends in `bytes`; nil if none does.
    mutating func last(in bytes: UnsafeRawBufferPointer) -> Int? {
        var boundary: Int?
        for index in bytes.indices {
            switch (bytes[index], previous) {
            case (0x0A, .carriageReturn):  // the second half of a CRLF
                if endsEvent { boundary = index + 1 }
                previous = .other
            case (0x0A, .other):
                endLine()
                if endsEvent { boundary = index + 1 }
            case (0x0D, _):
                // Of CR CR it is clear at once; behind CRLF CR a second LF is awaited.
                endLine()
                if endsEvent, previous == .carriageReturn { boundary = index + 1 }
                previous = .carriageReturn
            default:
                if endsEvent, previous == .carriageReturn { boundary = index }
                previous = .other
                isLineEmpty = false
            }
        }
        return boundary
    }

    private mutating func endLine() {
        endsEvent = isLineEmpty
        isLineEmpty = true
    }
}
