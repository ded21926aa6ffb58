import HTTPTypes
import Transport

/// All servers of a life. What each call gets is drawn from the request and the number of its attempt.
final class SimulatedProvider: Peer {
    private unowned let life: Life
    private let process: Int
    private static let json: HTTPFields = [.contentType: "application/json"]
    private static let events: HTTPFields = [.contentType: "text/event-stream"]

    init(_ life: Life, process: Int) { (self.life, self.process) = (life, process) }

    func receive(_ exchange: Exchange) {
        let address = Address(exchange.url)
        let request = exchange.fields[.traceParent].flatMap { Int($0.dropFirst(3).prefix(32), radix: 16) }.map {
            $0 - 1
        }
        let earlier = request.map { life.calls(for: $0) } ?? 0
        var draw = life.draw.of(.call, ((request ?? 999) << 8) + earlier)
        var behaviour = Behaviour(faults: life.plan.serverFaults, &draw)
        if life.plan.hasFloods, case .answers = behaviour, draw.chance(40) { behaviour = .floods(isNoise: true) }
        let call = ServerCall(
            life.calls.count, exchange, life.table.servers[address.server], url: address.url, process: process,
            request: request, behaviour: behaviour)
        life.note(call)
        switch behaviour {
        case .fails(let kind): deliver(call, after: draw.pick(20)) { exchange.fail(kind) }
        case .neverConnects: break
        default:
            deliver(call, after: draw.pick(3)) { [self] in
                exchange.connected()
                answer(call, &draw)
            }
        }
    }

    /// The server and the URL that an address names: `http://u<server><url>.test`.
    private struct Address {
        let server: Int
        let url: Int

        init(_ text: String) {
            let digits = text.utf8.dropFirst(8).prefix(2).map { Int($0) - 0x30 }
            (server, url) = (digits[0], digits[1])
        }
    }

    private func deliver(_ call: ServerCall, after milliseconds: Int, _ action: @escaping () -> Void) {
        call.exchange.loop.deliver(after: milliseconds) { if !call.exchange.isEnded { action() } }
    }

    private func answer(_ call: ServerCall, _ draw: inout Draw) {
        let exchange = call.exchange
        let latency = draw.one(of: [0, 5, 40, draw.pick(3000)])
        switch call.behaviour {
        case .resetsBeforeHead: deliver(call, after: latency) { exchange.fail(.reset) }
        case .answersNonsense: deliver(call, after: latency) { exchange.fail(.malformed) }
        case .stallsBeforeHead: break
        case .refuses(let refusal): deliver(call, after: latency) { [self] in refuse(call, refusal) }
        case .refusesUsage where call.asksForUsage:
            deliver(call, after: latency) { [self] in
                send(call, 400, Self.json, AnswerText.error(call.number, "unknown field stream_options"))
            }
        case .answersNothing where !call.asksForStream:
            deliver(call, after: latency) { [self] in sendNoAnswer(call, Self.json, []) }
        case .answersPage:
            deliver(call, after: latency) { [self] in sendNoAnswer(call, [.contentType: "text/html"], AnswerText.page) }
        default:
            sendAnswer(call, AnswerText(for: call, &draw), after: latency, &draw)
        }
    }

    private func refuse(_ call: ServerCall, _ refusal: Behaviour.Refusal) {
        var fields = Self.json
        if let wait = refusal.retryAfter {
            if wait % 1000 == 0 {
                fields[.retryAfter] = "\(wait / 1000)"
                call.notBefore = life.schedule.now + Int64(wait)
            } else if !call.isBedrock {
                fields[.retryAfterMilliseconds] = "\(wait)"
                call.notBefore = life.schedule.now + Int64(wait)
            }
        }
        if refusal.status == 302 { fields[.location] = "http://elsewhere.test/" }
        let message = refusal.reflects ? call.exchange.fields[.authorization] ?? "" : "try later"
        guard !call.isBedrock else { return refuseAsBedrock(call, refusal.status, fields, message) }
        call.shouldRetry = refusal.shouldRetry
        if let shouldRetry = refusal.shouldRetry { fields[.shouldRetry] = "\(shouldRetry)" }
        send(call, refusal.status, fields, AnswerText.error(call.number, message, withUsage: refusal.reportsUsage))
    }

    /// It has no usage, and doesn't say whether to retry.
    private func refuseAsBedrock(_ call: ServerCall, _ status: Int, _ fields: HTTPFields, _ message: String) {
        var fields = fields
        fields[.awsErrorType] = BedrockRefusal.errorType(of: status)
        if BedrockRefusal.isForOwner(status) { call.shouldRetry = false }
        let body = Array("{\"message\":\"call-\(call.number). \(message)\"}".utf8)
        send(call, status, as: BedrockRefusal.status(for: status), fields, body)
    }

    /// Sends something with a success status that isn't an answer. Translated, it is an error.
    private func sendNoAnswer(_ call: ServerCall, _ fields: HTTPFields, _ body: [UInt8]) {
        send(call, 200, as: call.isBedrock ? 502 : 200, fields, body)
    }

    /// Sends a whole answer at once.
    /// - Parameter translated: the status in OpenAI's terms; nil if it is the same.
    private func send(
        _ call: ServerCall, _ status: Int, as translated: Int? = nil, _ fields: HTTPFields, _ body: [UInt8]
    ) {
        call.status = translated ?? status
        call.exchange.head(HTTPResponse.Status(code: status), fields)
        call.sent = body
        if !body.isEmpty { call.exchange.send(body) }
        call.exchange.finish()
    }

    private func sendAnswer(_ call: ServerCall, _ text: AnswerText, after latency: Int, _ draw: inout Draw) {
        var parts = text.parts
        var (isWhole, status) = (true, 200)
        var ending = Behaviour.Break.early
        if case .sendsErrorEvent(let count) = call.behaviour, call.asksForStream {
            parts = parts.prefix(count) + [text.failure]
            (isWhole, call.hasFailed) = (text.isFailureLast, text.isFailureLast)
            // An exception before any event can still be retried, like an error status.
            if call.isBedrock, count == 0 { status = 502 }
        }
        let end = parts.reduce(0) { $0 + $1.count }
        if case .sendsBeyondEnd = call.behaviour, call.asksForStream { parts.append(AnswerText.done + AnswerText.page) }
        var bytes = parts.flatMap { $0 }
        if case .breaks(let place, let how) = call.behaviour {
            // Between two messages, only their kinds say that the stream isn't whole.
            let cutsMessage = !call.isBedrock || !draw.chance(50)
            bytes =
                cutsMessage
                ? Array(bytes.prefix(end * place / 1000)) : parts.prefix(parts.count * place / 1000).flatMap { $0 }
            (isWhole, ending) = (false, how)
        }
        call.isStream = call.asksForStream
        let tokens = bytes.number(behind: UsageMembers.invocations.input)
        let pieces = Pieces(bytes, &draw)
        deliver(call, after: latency) { [self] in
            call.status = status
            call.exchange.head(.ok, fields(of: call, tokens))
            send(pieces, of: call, from: 0, ending, isWhole: isWhole)
        }
    }

    private func fields(of call: ServerCall, _ tokens: Int?) -> HTTPFields {
        guard call.isBedrock else { return call.isStream ? Self.events : Self.json }
        let type = call.isStream ? "application/vnd.amazon.eventstream" : "application/json"
        // From it the proxy makes the id of the completion.
        var fields: HTTPFields = [.contentType: type, .awsRequestID: "call-\(call.number)."]
        fields[.bedrockInputTokens] = tokens.map { "\($0)" }
        return fields
    }

    /// The bytes of an answer, cut at drawn places.
    private struct Pieces {
        let bytes: [UInt8]
        let ends: [Int]
        /// Between two pieces. In milliseconds.
        let pause: Int

        init(_ bytes: [UInt8], _ draw: inout Draw) {
            self.bytes = bytes
            let cuts = bytes.isEmpty ? 0 : draw.pick(4)
            ends = (0..<cuts).map { _ in draw.pick(bytes.count) }.sorted() + [bytes.count]
            pause = draw.one(of: [0, 1, 30, draw.pick(4000)])
        }
    }

    private func send(_ pieces: Pieces, of call: ServerCall, from index: Int, _ ending: Behaviour.Break, isWhole: Bool)
    {
        let start = index == 0 ? 0 : pieces.ends[index - 1]
        if pieces.ends[index] > start {
            let piece = Array(pieces.bytes[start..<pieces.ends[index]])
            call.sent += piece
            call.exchange.send(piece)
            // A reader that has stopped sees no progress.
            if let visit = life.visit(of: call) { life.noteProgress(of: visit) }
        }
        guard index + 1 == pieces.ends.count else {
            return deliver(call, after: pieces.pause) { [self] in
                send(pieces, of: call, from: index + 1, ending, isWhole: isWhole)
            }
        }
        switch ending {
        case .early:
            call.isWhole = isWhole
            call.exchange.finish()
        case .reset: call.exchange.fail(.reset)
        case .stall: break
        }
    }
}

extension HTTPField.Name {
    static let traceParent = known("traceparent")
    static let shouldRetry = known("x-should-retry")
    static let awsErrorType = known("x-amzn-errortype")
    static let awsRequestID = known("x-amzn-requestid")
    static let bedrockInputTokens = known("x-amzn-bedrock-input-token-count")
    static let retryAfterMilliseconds = known("retry-after-ms")
}
