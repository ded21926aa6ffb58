import Transport

@testable import Proxy

/// A stream that runs through a filter, and the events that a client reads before and after it.
struct FilteredStream {
    let meter = Meter(requestBytes: 0, now: { 0 })
    private var filter: EventStreamFilter
    private(set) var output: [UInt8] = []
    private(set) var end: BodyPipe.End?
    private(set) var sent = EventStreamReader()
    private(set) var received = EventStreamReader()

    init(_ route: Route, hidesUsage: Bool = false) {
        filter = EventStreamFilter(for: route, meter: meter, hidesUsage: hidesUsage)
    }

    mutating func feed(_ piece: ArraySlice<UInt8>) {
        guard end == nil else { return }
        sent.read(piece)
        read { filter, output in piece.withUnsafeBytes { filter.receive($0, into: &output) } }
    }

    mutating func fillSilence() {
        guard end == nil else { return }
        read { filter, output in
            filter.fillSilence(into: &output)
            return nil
        }
    }

    /// A copy of the stream that ends here.
    func ended(_ error: TransportError?) -> FilteredStream {
        var stream = self
        if end == nil { stream.read { filter, output in filter.end(error, into: &output) } }
        return stream
    }

    private mutating func read(_ step: (inout EventStreamFilter, inout [UInt8]) -> BodyPipe.End?) {
        let start = output.count
        end = step(&filter, &output)
        received.read(output[start...])
    }
}
