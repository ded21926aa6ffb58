import JSONBytes

/// Looks at each event for what ends a stream, the mark that it is whole or an error, and for what it has cost. What most
/// events have, none of these, is found without a copy and without reading their JSON.
struct EventWatcher {
    let end: StreamEnd
    let meter: Meter
    /// Whether the event that has nothing but the usage is none of the caller's.
    let hidesUsage: Bool
    /// Whose token is taken out of errors.
    let place: SharedServer

    /// - Parameter isWhole: false for what is left at the end of a stream: SDKs lose an event that isn't closed.
    func judge(_ event: UnsafeRawBufferPointer, isWhole: Bool = true) -> EventVerdict {
        let fields = EventFields(event)
        if let error = error(besides: fields) { return fails(error, event) }
        if end != .unmarked, fields.isDone { return .ends }
        let words = event.watchedWords
        let members = words.usage != nil ? AnswerMembers(fields.data) : nil
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
        if isCertain || words.hasError, let error = ReportedError(place.redacted(fields.data), isCertain: isCertain) {
            return fails(error, event)
        }
        if hidesUsage, members?.isUsageAlone == true { return .hides }
        if fields.hasData { meter.noteEvent(fields) }
        return words.mayTellError || !fields.beginsLikeChunk ? .tells : .passes
    }

    private func fails(_ error: ReportedError, _ event: UnsafeRawBufferPointer) -> EventVerdict {
        if end != .unmarked, !ModelWork.isTold(in: event) { meter.noteError(error) }
        return .fails(error)
    }

    private func ends(isFailure: Bool) -> EventVerdict {
        if isFailure { meter.noteFailure() }
        return .ends
    }

    /// An error in a field of its own, whatever the data says.
    private func error(besides fields: EventFields) -> ReportedError? {
        let error = fields.error
        return error.isEmpty ? nil : ReportedError(place.redacted(error), isCertain: true)
    }
}

// MARK: - Events too large to be held

extension EventWatcher {
    /// What an event means that has passed, by its beginning and its end.
    func judge(_ event: LargeEvent) -> EventVerdict {
        if let whole = event.whole { return whole.withUnsafeBytes { judge($0) } }
        let data = event.data
        if let usage = data.usage { meter.noteUsage(usage) }
        if event.hasData { event.head.withUnsafeBytes { meter.noteEvent(EventFields($0)) } }
        if end == .response, case .last(let isFailure) = responseEvent(event, data) {
            return ends(isFailure: isFailure)
        }
        let last =
            error(in: event) ?? event.tail.withUnsafeBytes { error(besides: EventFields($0)) }
            ?? data.lastMembers(from: #""error""#).flatMap { ReportedError(place.redacted($0), isCertain: false) }
        return last.map { .fails($0) } ?? .passes
    }

    /// The error as which it begins.
    func error(in event: LargeEvent) -> ReportedError? {
        event.head.withUnsafeBytes { head in
            let fields = EventFields(head)
            if let error = error(besides: fields) { return error }
            let members = EventMembers(fields.data)
            let isNamed =
                end == .response ? ResponseEvent(type: members.type, name: fields.name) == .error : fields.name.isError
            guard isNamed || members.hasError else { return nil }
            return ReportedError(place.redacted(fields.data), isCertain: true)
        }
    }

    /// The type of an event that ends a response stands at its beginning (OpenAI), or behind the response (vLLM).
    private func responseEvent(_ event: LargeEvent, _ data: BodyEnds) -> ResponseEvent {
        let last = data.lastMembers(from: #""type""#).map { EventMembers($0) }
        let type = EventMembers(data.head).type ?? last.flatMap { $0.isWhole ? $0.type : nil }
        return event.head.withUnsafeBytes { ResponseEvent(type: type, name: EventFields($0).name) }
    }
}
