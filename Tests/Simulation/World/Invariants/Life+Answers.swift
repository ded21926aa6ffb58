/// What must be true of every answer.
extension Life {
    func check(_ answer: CallerAnswer, of visit: Visit, _ process: Int) {
        if visit.answers.count > 1 { report(.answeredOnce, "\(visit.id) is answered again") }
        if visit.process != process { report(.answeredOnce, "\(visit.id) is answered by another process") }
        if visit.handedOver == nil { report(.answeredOnce, "\(visit.id) is answered before it was handed over") }
    }

    func checkAnswers(of visit: Visit) {
        guard let handedOver = visit.handedOver, !visit.isLost else { return }
        guard let answer = visit.answers.first else {
            // At the moment at which it begins to end, the process can't know yet that an event has arrived.
            if [failures[visit.process], terminations[visit.process]].contains(handedOver) { return }
            return report(.answeredOnce, "\(visit.id), handed over at \(time(handedOver)), is never answered")
        }
        guard let ended = answer.ended else {
            return report(.answeredOnce, "the answer to \(visit.id) never ends")
        }
        if let deadline = visit.deadline, ended > deadline, !wasDisturbed(visit) {
            report(.inTime, "\(visit.id) is answered \(ended - deadline) ms too late")
        }
        if let end = visit.end, answer.begun > end + 1000, !wasDisturbed(visit) {
            report(.inTime, "the answer to \(visit.id) begins \(answer.begun - end) ms too late")
        }
        checkSecrets(in: answer.bytes, "the answer to \(visit.id)")
        if visit.plan.door == .loadBalancer, answer.bytes.count > 1024 * 1024 {
            report(.completeness, "the answer to \(visit.id) is longer than a load balancer takes")
        }
        checkRecord(of: visit, answer)
        checkPersistence(of: visit, answer)
        guard !answer.isError else { return }
        guard let view = AnswerView(answer) else {
            if answer.ending == .complete { report(.completeness, "the answer to \(visit.id) has no head") }
            return
        }
        checkCounts(visit, view)
        checkStatus(visit, view)
        // Nobody waits for the end of a day, and the retry-after of servers isn't passed on.
        if let wait = view["retry-after"].flatMap({ Int($0) }), wait > 60 {
            report(.attempts, "\(visit.id) is told to come back after \(wait) s")
        }
        check(view, answer, of: visit)
    }

    func time(_ time: Int64) -> String { "\(time - schedule.start) ms" }

    /// Whether the world, and not the program, may have delayed or broken an answer.
    func wasDisturbed(_ visit: Visit) -> Bool {
        !visit.plan.reading.takesAll || plan.freezes.contains { $0.process == visit.plan.process }
    }

    /// Whether the process was told to end, or has ended, before the answer had.
    func wasEnded(_ visit: Visit, _ answer: CallerAnswer) -> Bool {
        let end = min(terminations[visit.process] ?? .max, failures[visit.process] ?? .max)
        return end <= answer.ended ?? .max
    }

    // MARK: The body

    private func check(_ view: AnswerView, _ answer: CallerAnswer, of visit: Visit) {
        let isStream = view["content-type"]?.hasPrefix("text/event-stream") == true
        let number = view.body.number(behind: "call-") ?? view.body.number(behind: "[0.5,")
        guard let source = number.map({ calls[$0] }) else { return }
        checkSource(source, of: visit, view)
        checkOrigin(source, of: visit, view)
        guard view.status == 200, source.status == 200 else { return }
        trace(
            visit.id,
            "got \(String(decoding: view.body.prefix(3000), as: UTF8.self)) of \(String(decoding: source.sent.prefix(3000), as: UTF8.self))"
        )
        if isStream {
            checkStream(StreamView(view.body), source, answer, visit)
        } else {
            checkWhole(view.body, source, answer, visit)
        }
    }

    private func checkWhole(_ body: [UInt8], _ source: ServerCall, _ answer: CallerAnswer, _ visit: Visit) {
        let what = "the answer to \(visit.id) from call-\(source.number)"
        guard visit.plan.target != .models else { return }
        guard !source.exchange.url.hasSuffix("/invoke") else { return checkVectors(body, answer, visit) }
        let isOwn =
            source.isBedrock
            ? source.sent.text(behind: "\"text\":\"")?.starts(with: body.text(behind: "\"content\":\"") ?? []) == true
            : source.sent.starts(with: body)
        if !isOwn { return report(.ownBytes, "\(what) isn't what was sent") }
        // The bodies of reverse proxies pass unread. Of others only the first and the last byte are looked at, since no
        // client can parse half a JSON text.
        let isProxied = table.servers[source.server].isReverseProxy
        let hasEnd = source.exchange.error == nil && (isProxied || source.sent.last == UInt8(ascii: "}"))
        let isWhole = source.isGood || hasEnd
        if answer.ending == .complete, !isWhole { report(.completeness, "\(what) looks complete, but isn't") }
        if answer.ending != .complete, source.isGood, source.exchange.error == nil, mayFinish(visit, answer) {
            report(.completeness, "\(what) isn't complete, although everything arrived")
        }
    }

    /// All texts have their vectors, in order. Each is the number of its call.
    private func checkVectors(_ body: [UInt8], _ answer: CallerAnswer, _ visit: Visit) {
        var (numbers, start) = ([Int](), 0)
        while let place = body.position(of: "[0.5,", from: start) {
            // The last one may be cut off.
            if let number = body.number(behind: "[0.5,", from: start) { numbers.append(number) }
            start = place
        }
        let sources = numbers.filter { calls.indices.contains($0) }.map { calls[$0] }
        let count = answer.ending == .complete ? visit.plan.texts : numbers.count
        guard sources.map(\.part) != Array(0..<count) || Set(sources.map(\.request)).count > 1 else { return }
        report(.ownBytes, "\(visit.id) has \(visit.plan.texts) texts, and gets the vectors of the calls \(numbers)")
    }

    /// Whether nothing outside of the program may have kept an answer from its end.
    func mayFinish(_ visit: Visit, _ answer: CallerAnswer) -> Bool {
        guard visit.plan.reading.takesAll, !wasEnded(visit, answer), !wasDisturbed(visit), let ended = answer.ended
        else {
            return false
        }
        let margin = Int64(table.deadlineMargin + 200)
        return visit.end.map { ended < $0 - margin } ?? true
    }
}
