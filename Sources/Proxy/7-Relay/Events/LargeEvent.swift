import Transport

/// An event too large to be held, which passes piece by piece. Its beginning and its end are kept, since they contain
/// everything that the proxy reads.
struct LargeEvent {
    /// How much is searched for the server's token at a time. In bytes.
    private static let slice = 64 * 1024

    /// Nil if no token has to be removed.
    private var redactor: Redactor?
    /// The ends of the event without its comments, which may be of any length.
    private var ends = BodyEnds()
    /// Whether the last line so far has ended.
    private(set) var isLineStart = true
    private var isComment = false
    /// Whether it may contain an error. As in any event, the token is removed only then, or if the event doesn't begin
    /// like a chunk.
    private var mayTellError = false
    private var beginsLikeChunk: Bool?
    /// The last bytes, in which `error` may have begun, perhaps with each letter escaped.
    private var edge: [UInt8] = []
    private static let longestEdge = 32

    /// - Parameter redactor: removes the server's token.
    init(_ redactor: Redactor?) { self.redactor = redactor }

    /// The event, if only its comments are large.
    var whole: [UInt8]? { ends.isWhole ? ends.head + ends.tail : nil }

    /// Whether it has data so far.
    var hasData: Bool { ends.head.withUnsafeBytes { EventFields($0).hasData } }

    /// Its name, which may follow the data.
    var name: [UInt8] {
        let last = tail.withUnsafeBytes { Array(EventFields($0).name) }
        return last.isEmpty ? head.withUnsafeBytes { Array(EventFields($0).name) } : last
    }

    /// The beginning of the event.
    var head: [UInt8] { ends.head }

    /// The end of the event. It begins inside the data, since no other field is that long.
    var tail: [UInt8] { Array("data:".utf8) + ends.tail }

    /// The beginning and the end of its data.
    var data: BodyEnds {
        BodyEnds(
            head: head.withUnsafeBytes { EventFields($0).data }, tail: tail.withUnsafeBytes { EventFields($0).data })
    }

    /// Notes the next bytes, all of which belong to it.
    mutating func note(_ bytes: UnsafeRawBufferPointer) {
        noteWords(bytes)
        var index = 0
        while index < bytes.count {
            if isLineStart { isComment = bytes[index] == UInt8(ascii: ":") }
            let end = bytes.lineEnd(from: index)
            let next = min(end + 1, bytes.count)
            if !isComment { ends.append(.init(rebasing: bytes[index..<next])) }
            isLineStart = end < bytes.count
            index = next
        }
    }

    private mutating func noteWords(_ bytes: UnsafeRawBufferPointer) {
        guard redactor != nil, !mayTellError else { return }
        let seam = edge + bytes.prefix(Self.longestEdge)
        mayTellError = bytes.watchedWords.mayTellError || seam.withUnsafeBytes { $0.watchedWords.mayTellError }
        let isShort = bytes.count < Self.longestEdge
        edge = isShort ? seam.suffix(Self.longestEdge) : Array(bytes.suffix(Self.longestEdge))
    }

    private mutating func isSearched() -> Bool {
        let isChunk = beginsLikeChunk ?? head.withUnsafeBytes { EventFields($0).beginsLikeChunk }
        beginsLikeChunk = isChunk
        return mayTellError || !isChunk
    }

    mutating func pass(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard redactor != nil, isSearched() else { return output.append(contentsOf: bytes) }
        var rest = bytes
        while !rest.isEmpty {
            redactor?.receive(.init(rebasing: rest.prefix(Self.slice)), into: &output)
            rest = .init(rebasing: rest.dropFirst(Self.slice))
        }
    }

    /// Ends the event, and passes on what might have been the beginning of a token.
    mutating func finish(into output: inout [UInt8]) { redactor?.finish(into: &output) }
}

extension BodyEnds {
    /// The last members of the object, from the last one with this name on, as an object of their own; nil if there is
    /// no such name. If the member belongs to a nested object, the result isn't valid JSON.
    func lastMembers(from name: StaticString) -> [UInt8]? {
        tail.withUnsafeBytes { text in
            var last: Int?
            while let place = text.offset(of: name, from: last.map { $0 + 1 } ?? 0) { last = place }
            return last.map { [UInt8(ascii: "{")] + text[$0...] }
        }
    }
}

/// Events too large to be held, which pass piece by piece.
extension EventStreamFilter {
    /// Passes the next bytes of such an event, the first time together with those held.
    mutating func passPart(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard large != nil else { return beginLarge(with: bytes, into: &output) }
        large?.note(bytes)
        large?.pass(bytes, into: &output)
        return nil
    }

    /// If it is an error, it isn't passed on: the stream ends with the proxy's error event, which quotes its first
    /// words.
    private mutating func beginLarge(
        with bytes: UnsafeRawBufferPointer, into output: inout [UInt8]
    ) -> BodyPipe.End? {
        var beginning: [UInt8] = []
        swap(&beginning, &held)
        var event = LargeEvent(watcher == nil ? nil : upstream.redactor)
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
    /// - Returns: nil if only comments of it have passed, so that nothing is missing.
    mutating func endInsideLarge(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End? {
        guard var event = large else { return nil }
        large = nil
        event.finish(into: &output)
        guard let rest = event.whole else { return cutOff(error ?? TransportError(.reset, Self.endInside)) }
        let (isDone, isComment) = rest.withUnsafeBytes { rest in
            (takesErrors && EventFields(rest).isDone && !hasSaidNothing, !EventFields(rest).hasContent)
        }
        if error == nil, isDone { return .complete }
        guard isComment else { return cutOff(error ?? TransportError(.reset, Self.endInside)) }
        if takesErrors, !event.isLineStart { output.append(0x0A) }
        return nil
    }
}
