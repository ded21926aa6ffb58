import Transport

/// Passes server-sent events byte for byte, but only whole ones, and says how the stream ended: if the upstream breaks
/// off, gives up or just stops, the caller gets one error event instead of half a JSON text or a silent success.
struct EventStreamFilter: BodyFilter {
    /// An event may hold an image. In bytes.
    static let largestEvent = 8 * 1024 * 1024
    /// What is kept for the next event; more is given back. In bytes.
    private static let keptCapacity = 64 * 1024

    static let keepalive = Array(": keepalive\n".utf8)

    private let place: SharedServer
    private var server: String { place.server.name }
    private let meter: Meter
    /// Nil if what the events say is none of our business.
    private let watcher: EventWatcher?
    private let mustSayItsEnd: Bool
    private var boundary = EventBoundary()
    /// The beginning of an event whose end hasn't come yet. Nobody can use half an event, so nobody waits for it.
    private(set) var held: [UInt8] = []
    /// Nothing has passed.
    private var isEmpty = true

    /// Whether an error comes of the invocation's end.
    private let isDeadline: @Sendable (TransportError) -> Bool

    /// - Parameter hidesUsage: whether the usage at the end of the stream was asked for by us alone.
    init(
        for route: Route, meter: Meter, hidesUsage: Bool = false,
        isDeadline: @escaping @Sendable (TransportError) -> Bool = { _ in false }
    ) {
        self.isDeadline = isDeadline
        self.meter = meter
        place = route.place
        watcher =
            route.server.isReverseProxy
            ? nil : EventWatcher(end: route.streamEnd, meter: meter, hidesUsage: hidesUsage, place: route.place)
        mustSayItsEnd = route.streamEnd != .unmarked && route.server.expectsDone
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        meter.noteBytes(bytes.count)
        var start = 0
        while let end = boundary.next(in: bytes, from: start) {
            if let last = pass(.init(rebasing: bytes[start..<end]), into: &output) { return last }
            start = end
        }
        guard start < bytes.count else { return nil }
        guard held.count + bytes.count - start <= Self.largestEvent else { return refuse(into: &output) }
        held += UnsafeRawBufferPointer(rebasing: bytes[start...])
        return nil
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if boundary.endsWithBytes, let last = pass(.init(start: nil, count: 0), into: &output) { return last }
        let verdict = held.withUnsafeBytes { watcher?.judge($0, isWhole: false) }
        switch verdict {
        case .fails(let failure): return report(failure, as: nil, into: &output)
        case .ends where error == nil: break
        default:
            if let error { return report(failure(error), into: &output) }
            if mustSayItsEnd { return report(.upstreamTruncated(server: server), into: &output) }
        }
        if case .hides = verdict { held = [] }
        // Perhaps half of an error event, of which nobody can tell what it is.
        output += watcher == nil ? held : place.redacted(held)
        if isEmpty, held.isEmpty { output.append(UInt8(ascii: "\n")) }
        return .complete
    }

    /// A comment between two events, as one line: behind the empty line that would end it as an event of its own, the
    /// Python SDK fails once it has seen an `id`.
    mutating func fillSilence(into output: inout [UInt8]) {
        guard !boundary.mayGetLineFeed else { return }
        isEmpty = false
        output += Self.keepalive
    }
}

// MARK: - Whole events

extension EventStreamFilter {
    /// Passes the event that ends with these bytes; what is held is its beginning.
    private mutating func pass(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard held.count + bytes.count <= Self.largestEvent else { return refuse(into: &output) }
        guard !held.isEmpty else { return pass(whole: bytes, into: &output) }
        held += bytes
        var event: [UInt8] = []
        swap(&event, &held)
        let end = event.withUnsafeBytes { pass(whole: $0, into: &output) }
        if event.capacity <= Self.keptCapacity {
            event.removeAll(keepingCapacity: true)
            held = event
        }
        return end
    }

    private mutating func pass(whole event: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        // Empty lines say nothing: whoever sends millions of them gets them passed, not read.
        let isEmptyLine = event.first == 0x0A || event.first == 0x0D
        let verdict = isEmptyLine ? .passes : watcher?.judge(event)
        switch verdict {
        case .fails(let failure): return report(failure, as: event, into: &output)
        case .hides: return nil
        case .tells, .ends: output += place.redacted(Array(event))
        case .passes: output += event
        case nil:
            meter.noteOutput()
            output += event
        }
        isEmpty = false
        if case .ends = verdict { return .complete }
        return nil
    }

    private mutating func refuse(into output: inout [UInt8]) -> BodyPipe.End {
        held = []
        return report(.eventTooLarge(server: server, limit: Self.largestEvent), into: &output)
    }
}

// MARK: - The last event of a stream that failed

extension EventStreamFilter {
    private func report(_ error: ProxyError, into output: inout [UInt8]) -> BodyPipe.End {
        let failure = StreamFailure(error)
        output += failure.event
        return failure.end
    }

    /// - Parameter event: as which the provider has reported it, if that was closed.
    private func report(
        _ error: ReportedError, as event: UnsafeRawBufferPointer?, into output: inout [UInt8]
    ) -> BodyPipe.End {
        let words = ReportedError.summary(server)
        if error.isReadable, let event, !EventFields(event).hasMark {
            output += place.redacted(Array(event))
            return StreamFailure.end(reason: words, message: words)
        }
        let failure = StreamFailure(error.body(summary: words), reason: words, message: words)
        output += failure.event
        return failure.end
    }

    private func failure(_ error: TransportError) -> ProxyError {
        if isDeadline(error) { return .deadlineExceeded(server: server) }
        return .upstreamFailed(server: server, error)
    }
}
