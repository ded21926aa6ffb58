/// What events say of an error where no stream is read: under an error status, and where none was asked for.
struct ErrorEvents {
    /// The first event that tells of an error; if none does, the first that says something and is no part of an answer.
    private(set) var error: ReportedError?
    /// It is known from the event that this is one.
    private(set) var isCertain = false
    private(set) var haveData = false

    init(_ events: UnsafeRawBufferPointer) {
        var boundary = EventBoundary()
        var start = 0
        while start < events.count, !isCertain {
            let end = boundary.next(in: events, from: start) ?? events.count
            note(EventFields(.init(rebasing: events[start..<end])))
            start = end
        }
    }

    private mutating func note(_ fields: EventFields) {
        let words = fields.error
        haveData = haveData || fields.hasData || !words.isEmpty
        if !words.isEmpty {
            (error, isCertain) = (ReportedError(words, isCertain: true), true)
        } else if fields.hasData, !fields.isDone {
            note(fields.data, isNamed: fields.name.isError)
        }
    }

    private mutating func note(_ data: [UInt8], isNamed: Bool) {
        if let found = ReportedError(data, isCertain: isNamed) {
            (error, isCertain) = (found, true)
        } else if error?.text == nil, let event = ReportedError(data, isCertain: true), !event.isPart {
            error = event
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first event ends, at or behind `start`, that has data or an error; nil if there is none yet.
    func endOfFirstData(from start: Int) -> Int? {
        var boundary = EventBoundary()
        var start = start
        while let end = boundary.next(in: self, from: start) {
            let fields = EventFields(.init(rebasing: self[start..<end]))
            if fields.hasData || !fields.error.isEmpty { return end }
            start = end
        }
        return nil
    }
}
