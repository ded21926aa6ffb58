import Transport

@testable import Proxy

/// What an `EventStreamFilter` makes of some bytes.
struct FilteredStream: Equatable {
    enum Ending { case complete, partial, failed }

    let output: [UInt8]
    let ending: Ending
    let trailers: Int
    /// Its meter.
    let usage: TokenUsage?
    let estimate: TokenUsage
    let model: String?

    init(_ pieces: [some Sequence<UInt8>], error: TransportError? = nil, route: Route, hidesUsage: Bool = false) {
        let meter = Samples.meter()
        var filter = EventStreamFilter(for: route, meter: meter, hidesUsage: hidesUsage)
        var output: [UInt8] = []
        var end: BodyPipe.End?
        for piece in pieces where end == nil {
            Array(piece).withUnsafeBytes { end = filter.receive($0, into: &output) }
        }
        let last = end ?? filter.end(error, into: &output)
        self.output = output
        (usage, estimate, model) = (meter.usage, meter.estimate, meter.model)
        switch last {
        case .complete: (ending, trailers) = (.complete, 0)
        case .partial(_, _, let fields): (ending, trailers) = (.partial, fields.count)
        case .failed: (ending, trailers) = (.failed, 0)
        }
    }

    var text: String { String(decoding: output, as: UTF8.self) }

    /// Passes the bytes whole, byte by byte, and cut in two at every offset. All results must be the same.
    static func inAllPieces(
        _ text: String, error: TransportError? = nil, route: Route, hidesUsage: Bool = false
    ) -> [FilteredStream] {
        let bytes = Array(text.utf8)
        let cuts = (0...bytes.count).map { [bytes[..<$0], bytes[$0...]] }
        return ([[bytes[...]], bytes.indices.map { bytes[$0...$0] }] + cuts).map {
            FilteredStream($0, error: error, route: route, hidesUsage: hidesUsage)
        }
    }
}
