import Transport

/// An event too large to be held, which passes piece by piece. Its beginning and its end are kept, which contain
/// everything that is read of it.
struct LargeEvent {
    /// The server's token is looked for in so much at once. In bytes.
    private static let slice = 64 * 1024

    /// Nil if nothing has to be taken out.
    private var redactor: Redactor?
    /// Of the event without its comments, which say nothing and may be of any length.
    private var ends = BodyEnds()
    /// The last line that has come is ended.
    private(set) var isLineStart = true
    private var isComment = false
    /// It may tell of an error. As of any event, only then the token is taken out, or if it doesn't begin like a chunk.
    private var mayTellError = false
    private var beginsLikeChunk: Bool?
    /// The last bytes, in which a word may have begun: `error`, each letter escaped.
    private var edge: [UInt8] = []
    private static let longestEdge = 32

    /// - Parameter redactor: takes out what the caller must not see.
    init(_ redactor: Redactor?) { self.redactor = redactor }

    /// The event, if only its comments are large.
    var whole: [UInt8]? { ends.isWhole ? ends.head + ends.tail : nil }

    /// Whether it is more than a comment, as far as it has come.
    var hasData: Bool { ends.head.withUnsafeBytes { EventFields($0).hasData } }

    /// Its name, which may stand behind the data.
    var name: [UInt8] {
        let last = tail.withUnsafeBytes { Array(EventFields($0).name) }
        return last.isEmpty ? head.withUnsafeBytes { Array(EventFields($0).name) } : last
    }

    /// The event as far as its first bytes go.
    var head: [UInt8] { ends.head }

    /// The event as far as its last bytes go: they begin inside of its data, since no other field is that long.
    var tail: [UInt8] { Array("data:".utf8) + ends.tail }

    /// How its data begins and ends.
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

    /// It has ended: passes what might have been the beginning of a token.
    mutating func finish(into output: inout [UInt8]) { redactor?.finish(into: &output) }
}

extension BodyEnds {
    /// The last members of the object, from one of this name on, as an object of their own; nil if that isn't the last
    /// of this name, or belongs to an object inside of it: then something is left behind it.
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
    /// Passes the next bytes of such an event, the first time with those held.
    mutating func passPart(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        guard large != nil else { return beginLarge(with: bytes, into: &output) }
        large?.note(bytes)
        large?.pass(bytes, into: &output)
        return nil
    }

    /// An error isn't passed on: the stream ends with an error event of our own, with its first words.
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
