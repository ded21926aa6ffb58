import Transport

/// Events too large to be held, which pass as they come.
extension EventStreamFilter {
    /// Passes the next bytes of such an event, the first time with those held.
    mutating func passPart(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
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
        if takesErrors {
            switch watcher?.judgeBeginning(of: event) {
            case .fails(let error): return report(error, as: nil, into: &output)
            case .isNoAnswer(let reason): return report(reason, into: &output)
            default: break
            }
        }
        if event.hasData { meter.noteOutput() }
        output.reserveCapacity(output.count + beginning.count + bytes.count)
        beginning.withUnsafeBytes { event.pass($0, into: &output) }
        event.pass(bytes, into: &output)
        large = event
        isEmpty = false
        return nil
    }

    mutating func endLarge(into output: inout [UInt8]) -> BodyPipe.End? {
        guard var event = large else { return nil }
        large = nil
        event.finish(into: &output)
        switch watcher?.judge(event) {
        case .ends where hasSaidNothing: return reportBreak(nil, into: &output)
        case .ends: return .complete
        case .fails where !takesErrors: return event.name.withUnsafeBytes { endUnknown(named: $0) }
        case .fails(let error) where error.isReadable: return reported
        case .fails(let error): return report(error, as: nil, into: &output)
        case .isNoAnswer(let reason): return report(reason, into: &output)
        case .passes, .tells, .hides, nil: return nil
        }
    }

    /// The stream has ended while such an event was passing.
    /// - Returns: nil if only comments have passed of it, which aren't missed.
    mutating func endInsideLarge(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End? {
        guard var event = large else { return nil }
        large = nil
        event.finish(into: &output)
        guard let rest = event.whole else { return cutOff(error ?? TransportError(.reset, Self.endInside)) }
        let (isDone, isComment) = rest.withUnsafeBytes { rest in
            (takesErrors && EventFields(rest).isDone && !hasSaidNothing, !EventFields(rest).saysSomething)
        }
        if error == nil, isDone { return .complete }
        guard isComment else { return cutOff(error ?? TransportError(.reset, Self.endInside)) }
        if takesErrors, !event.isLineStart { output.append(0x0A) }
        return nil
    }
}
