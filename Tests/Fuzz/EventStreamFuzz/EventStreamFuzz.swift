import Transport

@testable import Proxy

/// Whole, in pieces or with comments in its silences, a stream passes byte for byte up to its end. At any time, exactly
/// the complete events have passed. A failure is exactly one more event after them; if the end has no mark, the body is
/// cut off instead. Its meter counts the same in any pieces. If usage is hidden, only events with nothing but usage are
/// missing.
enum EventStreamFuzz: FuzzTarget {
    private static func route(_ end: StreamEnd) -> Route {
        let server = Server(name: "a", url: "https://a.example/v1")
        return Route(upstream: UpstreamServer(server), pathAndQuery: "/x", body: .opaque, streamEnd: end)
    }

    static func check(_ input: [UInt8]) {
        for route in [StreamEnd.unmarked, .done, .response].map(route) {
            var (whole, cut, slow) = (FilteredStream(route), FilteredStream(route), FilteredStream(route))
            whole.feed(input[...])
            var hiding = FilteredStream(route, hidesUsage: true)
            hiding.feed(input[...])
            checkHidden(whole.received.events, hiding.received.events)
            var rest = input[...]
            while let first = rest.first {
                // The input's own bytes decide where it is cut.
                let piece = rest.prefix(1 + Int(first) % 16)
                rest = rest.dropFirst(piece.count)
                cut.feed(piece)
                slow.feed(piece)
                slow.fillSilence()
                if cut.end == nil { checkPassed(cut, behind: piece.last) }
            }
            require(cut.output == whole.output, "other bytes have passed in pieces than whole")
            require(cut.meter.usage == whole.meter.usage, "another usage is read in pieces than whole")
            require(cut.meter.model == whole.meter.model, "another model is read in pieces than whole")
            require(cut.meter.estimate == whole.meter.estimate, "other events are counted in pieces than whole")
            require(hiding.meter.usage == whole.meter.usage, "hidden usage isn't counted")
            require(slow.received.events == cut.received.events, "comments in a silence change the events")
            for error in [nil, TransportError(.reset, "reset")] {
                let ended = cut.ended(error)
                if route.streamEnd == .unmarked {
                    checkUnknownEnd(ended, isEarly: cut.end != nil, isBroken: error != nil, of: input)
                } else {
                    checkEnd(ended, isEarly: cut.end != nil, of: input)
                }
            }
        }
    }

    private static func checkHidden(_ all: [EventStreamReader.Event], _ passed: [EventStreamReader.Event]) {
        var passed = passed[...]
        for event in all {
            if event == passed.first {
                passed.removeFirst()
            } else {
                require(ResponseMembers(event.data).isUsageAlone, "hidden")
            }
        }
        require(passed.isEmpty, "hiding usage changes other events")
    }

    private static func checkPassed(_ stream: FilteredStream, behind last: UInt8?) {
        require(stream.received.isBetweenEvents, "a part of an event has passed")
        // After a carriage return the filter may wait for a line feed.
        let isAll = stream.sent.events.count == stream.received.events.count
        require(isAll || last == 0x0D, "an event that has ended has not passed")
    }

    /// For streams whose clients would not understand an error event.
    private static func checkUnknownEnd(_ stream: FilteredStream, isEarly: Bool, isBroken: Bool, of input: [UInt8]) {
        var isCutOff = false
        switch stream.end {
        case .complete:
            require(isEarly || !isBroken, "a stream that breaks off looks complete")
            require(!stream.received.hasHalfData, "a stream that ends inside an event looks complete")
        case .partial: break
        case .failed:
            isCutOff = isBroken
            let isWhole = stream.received.isBetweenEvents
            require(isWhole || !isBroken, "a part of an event has passed of a stream that breaks off")
        case nil: require(false, "a stream has no end")
        }
        let all = input.isEmpty && !isBroken ? [0x0A] : input
        require(
            isEarly || isCutOff ? all.starts(with: stream.output) : all == stream.output, "other bytes than were sent")
    }

    /// - Parameter isEarly: The filter has ended the stream before the input's end.
    private static func checkEnd(_ stream: FilteredStream, isEarly: Bool, of input: [UInt8]) {
        let (sent, received) = (stream.sent.events, stream.received.events)
        switch stream.end {
        case .complete:
            // An empty body would hang behind a function URL.
            let all = input.isEmpty ? [0x0A] : input
            require(isEarly ? all.starts(with: stream.output) : all == stream.output, "other bytes than were sent")
        case .partial:
            require(stream.received.isBetweenEvents, "the error event is not whole")
            let isAll = isEarly || input.last == 0x0D || received.count == sent.count + 1
            require(isAll && received.dropLast() == sent.prefix(received.count - 1), "other events precede the error")
            let error = received.last?.data ?? []
            let isOurs = JSONGrammar.accepts(error) && error.starts(with: #"{"error":"#.utf8)
            require(isOurs || sent.contains { $0 == received.last }, "the last event isn't an error")
        case .failed, nil: require(false, "a stream of small events was cut off")
        }
    }
}
