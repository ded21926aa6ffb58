import Transport

/// Passes server-sent events on byte for byte, as whole events up to 1 MB, and reports how the stream ended. If the
/// upstream breaks off, fails or just stops, the caller gets one error event instead of half a JSON text or a silent
/// success. Where clients wouldn't understand an error event, in an unknown format or inside an event, the body is cut
/// off.
struct EventStreamFilter: BodyFilter {
    /// A larger event passes piece by piece. In bytes.
    static let largestHeld = 1024 * 1024
    /// The capacity that is kept for the next event. In bytes.
    private static let keptCapacity = 64 * 1024

    static let keepalive = Array(": keepalive\n".utf8)

    /// The most that is kept of lines that aren't events. In bytes.
    private static let longestForeign = 4 * 1024

    let upstream: UpstreamServer
    private var server: String { upstream.server.name }
    let meter: Meter
    /// Nil if the events aren't read, as behind a reverse proxy.
    let watcher: EventWatcher?
    /// Whether the clients of this endpoint understand OpenAI's error events.
    let takesErrors: Bool
    private let expectsDone: Bool
    private var boundary = EventBoundary()
    /// The beginning of an event whose end hasn't arrived. It is held back, since half an event is of no use to a
    /// client.
    var held: [UInt8] = []
    /// The large event that is passing piece by piece.
    var large: LargeEvent?
    /// Whether nothing has passed.
    var isEmpty = true
    /// Whether an event has been hidden from the caller.
    private var hasHidden = false
    /// What has passed before the first data: perhaps text or JSON that is labeled as a stream.
    private var unsaid: [UInt8] = []

    /// Whether an error is due to the invocation's deadline.
    private let isDeadline: @Sendable (TransportError) -> Bool

    /// - Parameter hidesUsage: whether only the proxy asked for the usage at the end of the stream.
    init(
        for route: Route, meter: Meter, hidesUsage: Bool = false,
        isDeadline: @escaping @Sendable (TransportError) -> Bool = { _ in false }
    ) {
        self.isDeadline = isDeadline
        self.meter = meter
        upstream = route.upstream
        watcher =
            route.server.isReverseProxy
            ? nil : EventWatcher(end: route.streamEnd, meter: meter, hidesUsage: hidesUsage, upstream: route.upstream)
        takesErrors = watcher != nil && route.streamEnd != .unmarked
        expectsDone = route.server.expectsDone
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        meter.noteBytes(bytes.count)
        var start = 0
        while let end = boundary.next(in: bytes, from: start) {
            if let last = pass(.init(rebasing: bytes[start..<end]), into: &output) { return noted(last) }
            start = end
        }
        guard start < bytes.count else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
        guard mayHold(rest) else { return passPart(rest, into: &output) }
        held += rest
        return nil
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        if boundary.endsWithBytes, let last = pass(.init(start: nil, count: 0), into: &output) { return noted(last) }
        if let last = endInsideLarge(error, into: &output) { return noted(last) }
        let verdict = held.withUnsafeBytes { watcher?.judge($0, isWhole: false) }
        guard takesErrors else { return endUnknown(error, into: &output) }
        switch verdict {
        case .fails(let failure): return report(failure, as: nil, into: &output)
        case .isNoAnswer(let reason): return report(reason, into: &output)
        case .ends where error == nil && !hasSaidNothing: meter.noteEnd()
        default: if let last = reportBreak(error, into: &output) { return last }
        }
        if case .hides = verdict { held = [] }
        // What is left may be half an error event, which can't be recognized.
        return endWhole(into: &output)
    }

    /// Before the upstream's end, a stream is complete only after the event that marks its end.
    private func noted(_ end: BodyPipe.End) -> BodyPipe.End {
        if case .complete = end { meter.noteEnd() }
        return end
    }

    /// Sends a comment between two events, as a single line: an empty line after it would make it an event of its own,
    /// on which the Python SDK fails once it has seen an `id`.
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
        // Empty lines pass unread, since an upstream may send millions of them.
        let isEmptyLine = event.first == 0x0A || event.first == 0x0D
        let verdict = isEmptyLine ? .passes : watcher?.judge(event)
        switch verdict {
        case .fails(let failure): return report(failure, as: event, into: &output)
        case .isNoAnswer(let reason): return report(reason, into: &output)
        case .hides:
            hasHidden = true
            return nil
        case .ends where hasSaidNothing: return reportBreak(nil, into: &output)
        case .tells, .ends: output += upstream.redacted(Array(event))
        case .passes: output += event
        case nil:
            meter.noteOutput()
            output += event
        }
        isEmpty = false
        if case .ends = verdict { return .complete }
        if hasSaidNothing, !isEmptyLine, unsaid.count + event.count <= Self.longestForeign { unsaid += event }
        return nil
    }
}

// MARK: - The end of a stream that failed

extension EventStreamFilter {
    /// The end of a stream whose failure the provider's own event has reported.
    var reported: BodyPipe.End {
        let words = ReportedError.summary(server)
        return StreamFailure.end(reason: words, message: words)
    }

    /// Whether neither data nor a hidden usage event has arrived.
    var hasSaidNothing: Bool { takesErrors && meter.events == 0 && meter.usage == nil && !hasHidden }

    /// - Returns: nil if the stream may end like this.
    func reportBreak(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End? {
        switch hasSaidNothing ? watcher?.judge(foreign: unsaid + held) : nil {
        case .fails(let failure): return report(failure, as: nil, into: &output)
        case .isNoAnswer(let reason) where error == nil: return report(reason, of: unsaid + held, into: &output)
        default: break
        }
        if let error { return report(failure(error), into: &output) }
        if hasSaidNothing { return report(.upstreamSaidNothing(server: server), into: &output) }
        return expectsDone ? report(.upstreamTruncated(server: server), into: &output) : nil
    }

    func report(_ error: ProxyError, into output: inout [UInt8]) -> BodyPipe.End {
        let failure = StreamFailure(error)
        output += failure.event
        return failure.end
    }

    /// The status is assumed to be 200, which streams nearly always have.
    /// - Parameter text: what came in place of events; it is quoted if it is readable text.
    func report(_ reason: NoAnswer, of text: [UInt8] = [], into output: inout [UInt8]) -> BodyPipe.End {
        let words = reason == .noJSON ? UpstreamErrorBody.words(of: upstream.redacted(text)) : nil
        return report(.upstreamSentNoAnswer(server: server, status: 200, reason, words: words), into: &output)
    }

    /// - Parameter event: the provider's own error event, if it was complete.
    func report(
        _ error: ReportedError, as event: UnsafeRawBufferPointer?, into output: inout [UInt8]
    ) -> BodyPipe.End {
        let words = ReportedError.summary(server)
        if let event {
            let fields = EventFields(event)
            if !takesErrors || isSeen(error, in: fields) { output += upstream.redacted(Array(event)) }
            if !takesErrors { return endUnknown(named: fields.name) }
            if isSeen(error, in: fields) { return reported }
        }
        let failure = StreamFailure(error.body(summary: words), reason: words, message: words)
        output += failure.event
        return failure.end
    }

    /// Whether OpenAI's SDKs find it there.
    private func isSeen(_ error: ReportedError, in fields: EventFields) -> Bool {
        error.isReadable && fields.hasData && !fields.hasMark && fields.error.isEmpty
    }

    private func failure(_ error: TransportError) -> ProxyError {
        if isDeadline(error) { return .deadlineExceeded(server: server) }
        return .upstreamFailed(server: server, error)
    }

    /// Ends the body without its last chunk, so that the client sees that it is incomplete.
    func cutOff(_ error: TransportError) -> BodyPipe.End {
        .failed(isDeadline(error) ? TransportError(.deadline, error.detail) : error)
    }
}
