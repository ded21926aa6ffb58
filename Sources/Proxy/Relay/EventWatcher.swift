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
        if end != .unmarked, fields.isDone { return .ends }
        let words = event.watchedWords
        let members = words.usage != nil ? AnswerMembers(fields.data) : nil
        if let usage = members?.usage { meter.noteUsage(usage) }
        if end == .response, isWhole, let last = lastState(fields) {
            meter.noteEvent(fields)
            if last == StreamEnd.failedState { meter.noteFailure() }
            return .ends
        }
        let isNamed = fields.name.isError
        if isNamed || words.hasError, let error = ReportedError(place.redacted(fields.data), isCertain: isNamed) {
            return .fails(error)
        }
        if hidesUsage, members?.isUsageAlone == true { return .hides }
        if fields.hasData { meter.noteEvent(fields) }
        return words.mayTellError || !fields.beginsLikeChunk ? .tells : .passes
    }

    /// SDKs go by `type` in the data, so a server may leave the event's name out.
    private func lastState(_ fields: EventFields) -> String? {
        guard fields.name.isEmpty else { return StreamEnd.lastStates.first { fields.name.isEqual(to: $0) } }
        let data = fields.data
        var type: String?
        var reader = JSONReader(data, allowsNonFinite: true)
        try? reader.readObject { key, reader throws(JSONError) in
            guard key == "type", try reader.peekKind() == .string else { return try _ = reader.skipValue() }
            type = try reader.readString()
        }
        return type.flatMap { StreamEnd.lastStates.contains($0) ? $0 : nil }
    }
}

extension UnsafeRawBufferPointer {
    /// "error", in capitals too.
    fileprivate var isError: Bool { elementsEqual("error".utf8, by: UInt8.isSameLetter) }
}
