import JSONBytes

/// Checks each event for the end of the stream, an error, and the usage. Most events have none of these, which is
/// determined without copying them or reading their JSON.
struct EventWatcher {
    let end: StreamEnd
    let meter: Meter
    /// Whether an event that contains only the usage is hidden from the caller.
    let hidesUsage: Bool
    /// The server whose token is removed from errors.
    let upstream: UpstreamServer

    /// - Parameter isWhole: false for what is left at the end of a stream: SDKs drop an event that isn't closed.
    func judge(_ event: UnsafeRawBufferPointer, isWhole: Bool = true) -> EventAction {
        let fields = EventFields(event)
        if let error = error(besides: fields) { return fails(error, event) }
        if end != .unmarked, fields.isDone { return .ends }
        let words = event.watchedWords
        let members = words.usage != nil ? ResponseMembers(fields.data) : nil
        if let usage = members?.usage { meter.noteUsage(usage) }
        var isCertain = fields.name.isError
        if end == .response {
            let kind = ResponseEvent(fields, of: event, hasError: words.hasError)
            if isWhole, case .last(let isFailure) = kind {
                meter.noteEvent(fields)
                return ends(isFailure: isFailure)
            }
            isCertain = kind == .error
        }
        if isCertain || words.hasError, let error = ReportedError(upstream.redacted(fields.data), isCertain: isCertain)
        {
            return fails(error, event)
        }
        if hidesUsage, members?.isUsageAlone == true { return .hides }
        let isLikeChunk = fields.beginsLikeChunk
        if end != .unmarked, !isLikeChunk, let stray = judgeStray(fields, isWhole: isWhole) { return stray }
        if fields.hasData { meter.noteEvent(fields) }
        return words.mayTellError || !isLikeChunk ? .tells : .passes
    }

    private func fails(_ error: ReportedError, _ event: UnsafeRawBufferPointer) -> EventAction {
        if end != .unmarked, !ModelWork.isShown(in: event) { meter.noteError(error) }
        return .fails(error)
    }

    private func ends(isFailure: Bool) -> EventAction {
        if isFailure { meter.noteFailure() }
        return .ends
    }

    /// An error in a field of its own, whatever the data says.
    private func error(besides fields: EventFields) -> ReportedError? {
        let error = fields.error
        return error.isEmpty ? nil : ReportedError(upstream.redacted(error), isCertain: true)
    }
}

// MARK: - What doesn't look like a response

extension EventWatcher {
    /// Judges lines that aren't events, in a stream that has no other lines.
    /// - Returns: nil if there are none.
    func judge(foreign text: [UInt8]) -> EventAction? {
        let lines = text.withUnsafeBytes { EventFields($0).foreignLines }
        guard !lines.withUnsafeBytes({ $0.startOfContent == $0.count }) else { return nil }
        return judgeForeign(lines, isWhole: false) ?? .isNoAnswer(.noJSON)
    }

    /// - Parameter isWhole: whether nothing is missing at its end.
    /// - Returns: nil if it may belong to a response.
    private func judgeStray(_ fields: EventFields, isWhole: Bool) -> EventAction? {
        if fields.hasData { return judgeStray(fields.data, named: fields.name, isWhole: isWhole) }
        return fields.hasForeignLine ? judgeForeign(fields.foreignLines, isWhole: isWhole) : nil
    }

    private func judgeStray(_ data: [UInt8], named name: UnsafeRawBufferPointer, isWhole: Bool) -> EventAction? {
        // An event with a name of its own is meant for clients that know it.
        guard name.isEmpty || name.isEqual(to: "message") else { return nil }
        switch StrayData(data, isWhole: isWhole) {
        case .answer: return nil
        case .page: return .isNoAnswer(.page)
        case .error, .text: return ReportedError(upstream.redacted(data), isCertain: true).map { .fails($0) }
        }
    }

    /// Clients ignore lines that aren't fields, so only what is certain counts.
    private func judgeForeign(_ lines: [UInt8], isWhole: Bool) -> EventAction? {
        let kind = StrayData(lines, isWhole: isWhole)
        if kind == .page { return .isNoAnswer(.page) }
        return ReportedError(upstream.redacted(lines), isCertain: kind == .error).map { .fails($0) }
    }
}

// MARK: - Events too large to be held

extension EventWatcher {
    /// Judges a large event that has passed, by its beginning and its end.
    func judge(_ event: LargeEvent) -> EventAction {
        if let whole = event.whole { return whole.withUnsafeBytes { judge($0) } }
        let data = event.data
        if let usage = data.summary.usage { meter.noteUsage(usage) }
        if event.hasData { event.head.withUnsafeBytes { meter.noteEvent(EventFields($0)) } }
        if end == .response, case .last(let isFailure) = responseEvent(event, data) {
            return ends(isFailure: isFailure)
        }
        return judgeBeginning(of: event) ?? judgeEnd(of: event, data) ?? .passes
    }

    /// Judges a large event by its beginning, if that is certain.
    /// - Returns: nil if it may belong to a response.
    func judgeBeginning(of event: LargeEvent) -> EventAction? {
        event.head.withUnsafeBytes { head in
            let fields = EventFields(head)
            guard fields.error.isEmpty else { return fails(beginning: fields.error) }
            let data = fields.data
            let members = EventMembers(data)
            let isNamed =
                end == .response ? ResponseEvent(type: members.type, name: fields.name) == .error : fields.name.isError
            if isNamed || members.hasError || members.isUnwrappedError { return fails(beginning: data) }
            if end == .unmarked || fields.beginsLikeChunk { return nil }
            if fields.hasData { return judgeStray(data.closedJSON, named: fields.name, isWhole: false) }
            return fields.hasForeignLine ? judgeForeign(fields.foreignLines.closedJSON, isWhole: false) : nil
        }
    }

    /// An error of which only the beginning is known.
    private func fails(beginning text: [UInt8]) -> EventAction? {
        ReportedError(upstream.redacted(text.closedJSON), isCertain: true).map { .fails($0) }
    }

    /// Judges what follows the data, or is at its end.
    private func judgeEnd(of event: LargeEvent, _ data: BodyEnds) -> EventAction? {
        let members = data.lastMembers(from: #""error""#)
        let error =
            event.tail.withUnsafeBytes { self.error(besides: EventFields($0)) }
            ?? members.flatMap { ReportedError(upstream.redacted($0), isCertain: false) }
        if let error { return .fails(error) }
        let isNamed =
            end == .response ? responseEvent(event, data) == .error : event.name.withUnsafeBytes { $0.isError }
        let last = data.lastMembers(from: #""object""#).map { EventMembers($0) }
        let isUnwrapped = last.map { $0.isWhole && $0.isUnwrappedError } ?? false
        return isNamed || isUnwrapped ? fails(beginning: data.head) : nil
    }

    /// The `type` of the event that ends a response is at its beginning (OpenAI), or after the response (vLLM).
    private func responseEvent(_ event: LargeEvent, _ data: BodyEnds) -> ResponseEvent {
        let last = data.lastMembers(from: #""type""#).map { EventMembers($0) }
        let type = last.flatMap { $0.isWhole ? $0.type : nil } ?? EventMembers(data.head).type
        return event.name.withUnsafeBytes { ResponseEvent(type: type, name: $0) }
    }
}

/// What to do with an event of a stream.
enum EventAction {
    /// Nothing.
    case passes
    /// It doesn't end the stream, but it may contain an error, so the server's token is removed.
    case tells
    /// Only the proxy asked for it, so it is hidden from the caller.
    case hides
    /// It is the last one, and the response is complete.
    case ends
    /// It reports an error.
    case fails(ReportedError)
    /// It isn't a response to the request, but a web page or the like.
    case isNoAnswer(NoAnswer)
}
