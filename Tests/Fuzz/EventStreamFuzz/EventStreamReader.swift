/// Reads an event stream like a client, as the HTML standard says ("Interpreting an event stream"). It shares no code
/// with `EventBoundary`.
struct EventStreamReader {
    struct Event: Equatable {
        var type: [UInt8] = []
        var data: [UInt8] = []
    }

    private(set) var events: [Event] = []
    /// No part of a further event has been read.
    private(set) var isBetweenEvents = true
    /// There is data of an event that hasn't ended.
    var hasHalfData: Bool { !event.data.isEmpty }
    private var event = Event()
    private var line: [UInt8] = []
    private var isBehindCarriageReturn = false

    mutating func read(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            switch byte {
            case 0x0A where isBehindCarriageReturn: break
            case 0x0A, 0x0D: endLine()
            default:
                line.append(byte)
                isBetweenEvents = false
            }
            isBehindCarriageReturn = byte == 0x0D
        }
    }

    private mutating func endLine() {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            // The last line feed isn't part of the data.
            if !event.data.isEmpty { events.append(Event(type: event.type, data: event.data.dropLast())) }
            event = Event()
            isBetweenEvents = true
        } else if line.first != UInt8(ascii: ":") {
            let name = line.prefix { $0 != UInt8(ascii: ":") }
            var value = line.dropFirst(name.count + 1)
            if value.first == 0x20 { value.removeFirst() }
            if name.elementsEqual("event".utf8) { event.type = Array(value) }
            if name.elementsEqual("data".utf8) { event.data += value + [0x0A] }
        }
    }
}
