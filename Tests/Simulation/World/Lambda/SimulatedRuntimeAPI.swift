import CurlTransport
import HTTPTypes
import Transport

/// The Runtime API of one process: hands over events, takes answers, and fails as the world wants it.
final class SimulatedRuntimeAPI: Peer {
    private unowned let life: Life
    private unowned let process: SimulatedProcess
    private var draw: Draw
    private var polls: [Exchange] = []
    private var queue: [Visit] = []
    private var freezesFor: Int?
    /// How many polls were reset, and how many failed in another way.
    private(set) var failures = (resets: 0, others: 0)

    private static let next = "/2018-06-01/runtime/invocation/next"
    private static let invocations = "/2018-06-01/runtime/invocation/id-"

    init(_ life: Life, _ process: SimulatedProcess, _ draw: Draw) {
        (self.life, self.process, self.draw) = (life, process, draw)
    }

    /// Visits that were never handed over.
    var waiting: [Visit] { queue }

    var openPolls: Int { polls.count }

    func receive(_ exchange: Exchange) {
        // Behind "http://r0.test".
        let path = exchange.url.dropFirst(14)
        if path == Self.next { return poll(exchange) }
        exchange.connected()
        if path.hasPrefix(Self.invocations) { return take(path.dropFirst(Self.invocations.count), exchange) }
        // The poll for the extension's events never ends.
        guard path.hasSuffix("/register") else { return }
        exchange.loop.deliver(after: 1) {
            exchange.head(.ok, [.known("Lambda-Extension-Identifier"): "extension"])
            exchange.finish()
        }
    }

    // MARK: Events

    func add(_ visit: Visit) {
        process.thaw()
        queue.append(visit)
        handOver()
    }

    private func poll(_ exchange: Exchange) {
        guard !draw.chance(life.plan.pollFaults) else { return fail(exchange) }
        exchange.connected()
        exchange.onClientGone = { [self, unowned exchange] in polls.removeAll { $0 === exchange } }
        polls.append(exchange)
        handOver()
        freezeIfIdle()
        guard isIdle else { return }
        // Until then, tasks that are done may still have their last steps to take.
        life.schedule.after(Self.settling) { [self] in if isIdle { life.checkIdle(process) } }
    }

    /// Whether the process waits for nothing but events.
    private var isIdle: Bool { polls.count == life.plan.slots && queue.isEmpty }

    /// In milliseconds.
    private static let settling = 20

    private func fail(_ exchange: Exchange) {
        let (kind, wait) = (draw.pick(5), draw.one(of: [1, 20, 3000]))
        life.trace("lambda", "a poll of process \(process.number) fails")
        if kind < 2 { failures.resets += 1 } else { failures.others += 1 }
        exchange.loop.deliver(after: wait) {
            switch kind {
            case 0, 1: exchange.fail(.reset)
            case 2, 3: exchange.fail(.refused)
            default:
                exchange.connected()
                exchange.head(.internalServerError, [:])
                exchange.finish()
            }
        }
    }

    private func handOver() {
        // Lambda gives nothing to a process that it has told to end. Its successor gets what waits.
        while !polls.isEmpty, !queue.isEmpty, life.terminations[process.number] == nil {
            let poll = polls.remove(at: draw.pick(polls.count))
            poll.onClientGone = nil
            hand(queue.removeFirst(), to: poll)
        }
    }

    private func hand(_ visit: Visit, to poll: Exchange) {
        let now = life.schedule.now
        visit.process = process.number
        visit.deadline = visit.plan.timeLeft.map { now + Int64($0) }
        var fields: HTTPFields = [.known("Lambda-Runtime-Aws-Request-Id"): visit.id]
        // Lambda's clock is the process's own.
        if let deadline = visit.deadline {
            fields[.known("Lambda-Runtime-Deadline-Ms")] = "\(deadline + Int64(process.skew))"
        }
        let event = visit.plan.event(life.table)
        life.trace("lambda", "hands \(visit.id) to process \(process.number)")
        poll.loop.deliver(after: draw.pick(2)) { [self] in
            // The process may have given up the poll meanwhile, because another one has failed.
            guard !poll.isEnded else { return visit.isLost = true }
            poll.head(.ok, fields)
            guard visit.plan.eventFault != .cutOff else {
                visit.isLost = true
                failures.resets += 1
                poll.send(Array(event.prefix(event.count / 2)))
                return poll.fail(.reset)
            }
            guard visit.plan.eventFault == .inPieces else { return hand(event[...], of: visit, to: poll) }
            let (half, begun) = (event.count / 2, life.schedule.now)
            poll.send(Array(event.prefix(half)))
            poll.loop.deliver(after: draw.one(of: [40, 150])) { [self] in
                guard let ended = poll.ended else { return hand(event.dropFirst(half), of: visit, to: poll) }
                visit.isLost = true
                // At the same moment, the process can't know yet that an event is arriving.
                if ended > begun, process.isAlive {
                    life.report(.answeredOnce, "\(visit.id) was given up while it arrived")
                }
            }
        }
    }

    private func hand(_ rest: ArraySlice<UInt8>, of visit: Visit, to poll: Exchange) {
        poll.send(Array(rest))
        poll.finish()
        visit.handedOver = life.schedule.now
    }

    // MARK: Freezing

    /// Lambda freezes a process as soon as all its slots poll.
    func freeze(for milliseconds: Int) {
        freezesFor = milliseconds
        freezeIfIdle()
    }

    private func freezeIfIdle() {
        guard let length = freezesFor, isIdle else { return }
        freezesFor = nil
        life.trace("lambda", "freezes process \(process.number) for up to \(length) ms")
        process.freeze()
        life.schedule.after(length) { [self] in process.thaw() }
    }

    // MARK: Answers

    /// - Parameter path: the number and the kind: `7/response`.
    private func take(_ path: Substring, _ exchange: Exchange) {
        let isError = path.hasSuffix("/error")
        guard let number = Int(path.prefix { $0 != "/" }), number < life.visits.count, let visit = life.visits[number]
        else {
            return life.report(.answeredOnce, "an answer to an unknown invocation: \(exchange.url)")
        }
        let isStreamed = exchange.fields[.known("Lambda-Runtime-Function-Response-Mode")] == "streaming"
        let answer = CallerAnswer(isError: isError, isStreamed: isStreamed, at: life.schedule.now)
        life.note(answer, of: visit, process.number)
        let reading = visit.plan.reading
        exchange.onClientGone = { [self] in end(answer, .cutOff, visit) }
        if reading.refusesEarly {
            return exchange.loop.deliver(after: 1) { [self] in refuse(exchange, answer, visit) }
        }
        read(exchange, answer, visit)
    }

    private func refuse(_ exchange: Exchange, _ answer: CallerAnswer, _ visit: Visit) {
        end(answer, .cutOff, visit)
        exchange.onClientGone = nil
        exchange.head(HTTPResponse.Status(code: visit.plan.reading.status), [:])
        exchange.finish()
    }

    private func end(_ answer: CallerAnswer, _ ending: CallerAnswer.Ending, _ visit: Visit) {
        guard answer.ending == .open else { return }
        answer.ending = ending
        answer.ended = life.schedule.now
        life.trace("lambda", "\(visit.id): the answer has ended (\(ending)), \(answer.bytes.count) bytes")
    }

    /// Takes what the program has ready, a piece at a time.
    private func read(_ exchange: Exchange, _ answer: CallerAnswer, _ visit: Visit) {
        let reading = visit.plan.reading
        while !exchange.isEnded {
            if let most = reading.stopsAfter, answer.bytes.count >= most { return }
            if let most = reading.resetsAfter, answer.bytes.count >= most {
                return exchange.fail(.reset, end(answer, .cutOff, visit))
            }
            let result = withUnsafeTemporaryAllocation(byteCount: reading.piece, alignment: 1) { buffer in
                let read = exchange.upload.read(into: buffer)
                if case .bytes(let count) = read { answer.bytes += buffer[..<count] }
                return read
            }
            switch result {
            case .bytes:
                life.noteProgress(of: visit)
                guard reading.pause == 0 else {
                    return exchange.loop.deliver(after: reading.pause) { [self] in read(exchange, answer, visit) }
                }
            case .empty:
                exchange.upload.pipe?.onReadable = { [self] in
                    exchange.loop.deliver(after: 0) { [self] in read(exchange, answer, visit) }
                }
                return
            case .end: return accept(exchange, answer, visit)
            // libcurl aborts the request: the last chunk never comes.
            case .failed: return exchange.fail(.canceled, end(answer, .cutOff, visit))
            }
        }
    }

    private func accept(_ exchange: Exchange, _ answer: CallerAnswer, _ visit: Visit) {
        end(answer, exchange.upload.trailers.isEmpty ? .complete : .partial, visit)
        exchange.onClientGone = nil
        let status = visit.plan.reading.status
        exchange.loop.deliver(after: draw.pick(3)) {
            exchange.head(HTTPResponse.Status(code: status), [:])
            exchange.finish()
        }
    }
}

extension Exchange {
    fileprivate func fail(_ kind: TransportError.Kind, _ noted: Void) {
        onClientGone = nil
        fail(kind)
    }
}
