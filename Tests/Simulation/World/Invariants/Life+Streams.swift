/// What must be true of streams of events.
extension Life {
    func checkStream(_ view: StreamView, _ source: ServerCall, _ answer: CallerAnswer, _ visit: Visit) {
        // The streams of reverse proxies pass unread.
        guard !table.servers[source.server].isReverseProxy else { return }
        let what = "the stream of \(visit.id) from call-\(source.number)"
        if view.errors > 1 || view.hasMoreBehindError { report(.completeness, "\(what) has more than one end") }
        if answer.ending == .cutOff, visit.plan.reading.takesAll, visit.plan.reading.pause == 0, !wasDisturbed(visit) {
            report(.completeness, "\(what) is cut off, although its reader takes all")
        }
        if answer.ending == .partial, view.errors != 1 {
            report(.completeness, "\(what) failed without an error event")
        }
        if view.errors > 0 || view.hasFailed, let record = visit.record, record.errorType == nil {
            report(.counted, "the record of \(visit.id) tells no error, although \(what) does")
        }
        let wantsUsage = visit.plan.wantsUsage
        let sent = SentStream(source, withUsage: wantsUsage, mustEnd: table.servers[source.server].expectsDone)
        let got = source.isBedrock ? view.texts : view.events(withUsage: wantsUsage)
        if !sent.pieces.starts(with: got) { report(.ownBytes, "\(what) isn't what was sent") }
        let looksComplete = answer.ending == .complete && view.errors == 0
        if looksComplete, !sent.isComplete { report(.completeness, "\(what) looks complete, but isn't") }
        if looksComplete, got.count < sent.pieces.count { report(.completeness, "\(what) lacks its end") }
        if looksComplete, source.isBedrock, view.hasUsage != (wantsUsage && sent.hasUsage) {
            report(.completeness, "\(what) has \(view.hasUsage ? "a" : "no") usage")
        }
        if !looksComplete, source.isGood, source.exchange.error == nil, !sent.hasErrors, mayFinish(visit, answer) {
            report(.completeness, "\(what) isn't complete, although everything arrived")
        }
    }
}

/// What a server has sent of a stream, as far as its reader gets it.
private struct SentStream {
    /// Events, or the texts in messages that are translated.
    let pieces: [ArraySlice<UInt8>]
    /// Whether nothing is missing.
    let isComplete: Bool
    let hasErrors: Bool
    let hasUsage: Bool

    /// - Parameter mustEnd: whether it isn't complete without a mark.
    init(_ source: ServerCall, withUsage: Bool, mustEnd: Bool) {
        let hasClosed = source.exchange.error == nil && source.exchange.isEnded
        if source.isBedrock {
            let view = ConverseView(source.sent)
            isComplete = view.hasStopped && (view.hasMetadata || hasClosed && !view.isInsideMessage)
            (pieces, hasErrors, hasUsage) = (view.texts, view.hasFailed, view.hasUsage)
        } else {
            let view = StreamView(source.sent)
            isComplete = view.hasDone || !mustEnd && hasClosed
            (pieces, hasErrors, hasUsage) = (view.events(withUsage: withUsage), view.errors > 0, view.hasUsage)
        }
    }
}

/// A stream as its reader sees it.
struct StreamView {
    private var all: [ArraySlice<UInt8>] = []
    private(set) var errors = 0
    private(set) var hasMoreBehindError = false
    private(set) var hasDone = false
    /// Whether the last event says that the model has failed.
    private(set) var hasFailed = false

    init(_ bytes: [UInt8]) {
        var start = 0
        while let end = bytes.position(of: "\n\n", from: start) {
            let event = bytes[start..<end].withoutComments
            start = end
            if event.count < 2 { continue }
            if errors > 0 { hasMoreBehindError = true }
            if event.isError {
                errors += 1
            } else {
                all.append(event)
                let type = event.type
                hasFailed = type == "response.failed"
                hasDone =
                    hasFailed || type == "response.completed" || type == "response.incomplete"
                    || event.elementsEqual(AnswerText.done)
                if hasDone { return }
            }
        }
        // The empty line behind the last event may be missing.
        if bytes[start...].withoutComments.starts(with: "data: [DONE]".utf8) {
            hasDone = true
            all.append(AnswerText.done[...])
        }
    }

    /// The pieces of text in the events of a chat.
    var texts: [ArraySlice<UInt8>] {
        all.compactMap { Array($0).text(behind: "\"content\":\"") }.filter { !$0.isEmpty }
    }

    var hasUsage: Bool { all.contains { Array($0).hasText("\"usage\":{") } }

    /// Without the event that only tells the usage, if it may be kept back.
    func events(withUsage: Bool) -> [ArraySlice<UInt8>] {
        withUsage
            ? all : all.filter { !Array($0).hasText("\"choices\":[],\"usage\"") || Array($0).hasText("\"timings\"") }
    }
}

/// An event of a stream.
extension ArraySlice<UInt8> {
    /// Without the comments at its beginning.
    fileprivate var withoutComments: ArraySlice<UInt8> {
        var rest = self
        while rest.first == UInt8(ascii: ":"), let line = rest.firstIndex(of: 0x0A) { rest = rest[(line + 1)...] }
        return rest
    }

    fileprivate var isError: Bool {
        starts(with: "data: {\"error\"".utf8) || starts(with: "event: error".utf8) || type == "error"
    }

    /// Its type in the Responses API, which the servers write first.
    fileprivate var type: String? {
        var data = self
        if starts(with: "event: ".utf8), let line = firstIndex(of: 0x0A) { data = self[(line + 1)...] }
        let start = "data: {\"type\":\"".utf8
        guard data.starts(with: start) else { return nil }
        return String(decoding: data.dropFirst(start.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }
}
