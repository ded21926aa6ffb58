import Transport

/// Passes server-sent events byte for byte, but only whole ones, and says how the stream ended: if the upstream breaks
/// off, gives up or just stops, the caller gets one error event instead of half a JSON text or a silent success. Where no
/// error event can be understood, in a dialect that isn't known or inside of an event, the body is cut off.
struct EventStreamFilter: BodyFilter {
    /// A larger event passes as it comes. In bytes.
    static let largestHeld = 1024 * 1024
    /// What is kept for the next event; more is given back. In bytes.
    private static let keptCapacity = 64 * 1024

    static let keepalive = Array(": keepalive\n".utf8)

    private let place: SharedServer
    private var server: String { place.server.name }
    private let meter: Meter
    /// Nil if what the events say is none of our business.
    private let watcher: EventWatcher?
    /// Whether the clients of this endpoint understand OpenAI's error events.
    private let takesErrors: Bool
    private let expectsDone: Bool
    private var boundary = EventBoundary()
    /// The beginning of an event whose end hasn't come yet. Nobody can use half an event, so nobody waits for it.
    private(set) var held: [UInt8] = []
    /// The event that is passing as it comes.
    private var large: LargeEvent?
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
        takesErrors = watcher != nil && route.streamEnd != .unmarked
        expectsDone = route.server.expectsDone
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        meter.noteBytes(bytes.count)
        var start = 0
        while let end = boundary.next(in: bytes, from: start) {
            if let last = pass(.init(rebasing: bytes[start..<end]), into: &output) { return last }
            start = end
        }
        guard start < bytes.count else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard mayHold(rest) else { return passPart(rest, into: &output) }
        held += rest
        return nil
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if boundary.endsWithBytes, let last = pass(.init(start: nil, count: 0), into: &output) { return last }
        guard large == nil else {
            return cutOff(error ?? TransportError(.reset, "the stream ended inside of an event"))
        }
        let verdict = held.withUnsafeBytes { watcher?.judge($0, isWhole: false) }
        switch verdict {
        case .fails(let failure) where takesErrors: return report(failure, as: nil, into: &output)
        case .ends where error == nil: break
        default:
            if let error { return takesErrors ? report(failure(error), into: &output) : cutOff(error) }
            if takesErrors, expectsDone { return report(.upstreamTruncated(server: server), into: &output) }
            if takesErrors, hasSaidNothing { return reportSilence(into: &output) }
        }
        if case .hides = verdict { held = [] }
        // Perhaps half of an error event, of which nobody can tell what it is.
        output += watcher == nil ? held : place.redacted(held)
        if isEmpty, held.isEmpty { output.append(UInt8(ascii: "\n")) }
        if case .fails = verdict { return reported }
        return .complete
    }

    /// A comment between two events, as one line: behind the empty line that would end it as an event of its own, the
    /// Python SDK fails once it has seen an `id`.
    mutating func fillSilence(into output: inout [UInt8]) {
        guard large == nil, !boundary.mayGetLineFeed else { return }
        isEmpty = false
        output += Self.keepalive
    }
}

// MARK: - Whole events

extension EventStreamFilter {
    private func mayHold(_ bytes: UnsafeRawBufferPointer) -> Bool {
        large == nil && held.count + bytes.count <= Self.largestHeld
    }

    /// Passes the event that ends with these bytes; what is held is its beginning.
    private mutating func pass(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard mayHold(bytes) else { return passPart(bytes, into: &output) ?? endLarge(into: &output) }
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
}

// MARK: - Events too large to be held

extension EventStreamFilter {
    /// Passes the next bytes of such an event, the first time with those held.
    private mutating func passPart(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard large != nil else { return beginLarge(with: bytes, into: &output) }
        large?.note(bytes)
        large?.pass(bytes, into: &output)
        return nil
    }

    /// Nothing passes of an error: the stream ends with it, and its first words will do.
    private mutating func beginLarge(
        with bytes: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) -> BodyPipe.End? {
        var beginning: [UInt8] = []
        swap(&beginning, &held)
        var event = LargeEvent(watcher == nil ? nil : place.redactor)
        beginning.withUnsafeBytes { event.note($0) }
        event.note(bytes)
        if takesErrors, let error = watcher?.error(in: event) { return report(error, as: nil, into: &output) }
        if event.hasData { meter.noteOutput() }
        output.reserveCapacity(output.count + beginning.count + bytes.count)
        beginning.withUnsafeBytes { event.pass($0, into: &output) }
        event.pass(bytes, into: &output)
        large = event
        isEmpty = false
        return nil
    }

    private mutating func endLarge(into output: inout [UInt8]) -> BodyPipe.End? {
        guard var event = large else { return nil }
        large = nil
        event.finish(into: &output)
        switch watcher?.judge(event) {
        case .ends: return .complete
        case .fails(let error) where error.isReadable || !takesErrors: return reported
        case .fails(let error): return report(error, as: nil, into: &output)
        case .passes, .tells, .hides, nil: return nil
        }
    }
}

// MARK: - The end of a stream that failed

extension EventStreamFilter {
    /// The provider's own event says it.
    private var reported: BodyPipe.End {
        let words = ReportedError.summary(server)
        return StreamFailure.end(reason: words, message: words)
    }

    private func report(_ error: ProxyError, into output: inout [UInt8]) -> BodyPipe.End {
        let failure = StreamFailure(error)
        output += failure.event
        return failure.end
    }

    /// Neither data nor a usage that is hidden has come.
    private var hasSaidNothing: Bool { meter.events == 0 && meter.usage == nil }

    /// What is left is a comment, or an event without data: it passes, and the error becomes its data.
    private func reportSilence(into output: inout [UInt8]) -> BodyPipe.End {
        output += place.redacted(held)
        if let last = held.last, last != 0x0A, last != 0x0D { output.append(0x0A) }
        return report(.upstreamSaidNothing(server: server), into: &output)
    }

    /// - Parameter event: as which the provider has reported it, if that was closed.
    private func report(
        _ error: ReportedError, as event: UnsafeRawBufferPointer?, into output: inout [UInt8]
    ) -> BodyPipe.End {
        if let event, !takesErrors || isSeen(error, in: EventFields(event)) {
            output += place.redacted(Array(event))
            return reported
        }
        let words = ReportedError.summary(server)
        let failure = StreamFailure(error.body(summary: words), reason: words, message: words)
        output += failure.event
        return failure.end
    }

    /// Whether OpenAI's SDKs find it there.
    private func isSeen(_ error: ReportedError, in fields: EventFields) -> Bool {
        error.isReadable && !fields.hasMark && fields.error.isEmpty
    }

    private func failure(_ error: TransportError) -> ProxyError {
        if isDeadline(error) { return .deadlineExceeded(server: server) }
        return .upstreamFailed(server: server, error)
    }

    /// The client sees that the body has no end.
    private func cutOff(_ error: TransportError) -> BodyPipe.End {
        .failed(isDeadline(error) ? TransportError(.deadline, error.detail) : error)
    }
}
