import JSONBytes

/// Looks at each event for what ends a stream: the mark that it is whole, or an error. What most events have, neither,
/// is found without a copy and without reading their JSON.
struct EventWatcher {
    let end: StreamEnd

    /// - Parameter isWhole: false for what is left at the end of a stream: SDKs lose an event that isn't closed.
    func judge(_ event: UnsafeRawBufferPointer, isWhole: Bool = true) -> EventVerdict {
        let fields = EventFields(event)
        if end != .unmarked, fields.isDone { return .ends }
        if end == .response, isWhole, isLastState(fields) { return .ends }
        let isNamed = fields.name.isEqual(to: "error")
        guard isNamed || event.hasErrorWord,
            let error = ReportedError(fields.data, isCertain: isNamed)
        else { return .passes }
        return .fails(error)
    }

    /// SDKs go by `type` in the data, so a server may leave the event's name out.
    private func isLastState(_ fields: EventFields) -> Bool {
        guard fields.name.isEmpty else { return StreamEnd.lastStates.contains { fields.name.isEqual(to: $0) } }
        let data = fields.data
        var members = ErrorMembers()
        var reader = JSONReader(data)
        try? reader.readObject { key, reader throws(JSONError) in try members.read(key, &reader, of: data) }
        return members["type"].map { StreamEnd.lastStates.contains($0) } ?? false
    }
}
