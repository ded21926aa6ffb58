package import CurlTransport
package import HTTPTypes
package import Transport

/// One exchange of a simulated transport: what `Transfer` is for libcurl.
///
/// It follows the transport's rules, which `ConformanceTests` checks against libcurl; `Rules.swift` there lists them. One
/// case isn't simulated: a success before the end of the upload, which libcurl still sends to its end.
///
/// `@unchecked Sendable`: a life runs on one thread.
package final class Exchange: @unchecked Sendable {
    /// The largest piece that libcurl passes on.
    private static let largestPiece = 16 * 1024

    package let method: HTTPRequest.Method
    package let url: String
    package let fields: HTTPFields
    package let pipe: BodyPipe
    package var upload: Upload
    /// A body that isn't streamed.
    package let body: [UInt8]
    package let loop: SimulatedLoop
    /// Called when the client has closed the connection before the answer was complete.
    package var onClientGone: (() -> Void)?
    package var isEnded: Bool { ended != nil }
    /// Whether the answer has come to its end for its reader. The connection may go on for a moment, so that it can be
    /// used again.
    var isRead: Bool { isEnded || pipe.end != nil }
    /// When it ended, in milliseconds since 1970; nil while it is open.
    package private(set) var ended: Int64?
    /// Why it failed; nil if it succeeded, or is still open.
    package private(set) var error: TransportError?
    /// How much of the answer's body has been taken. In bytes.
    package private(set) var taken = 0
    private let cancellation: Cancellation?
    private var timeouts: ProgressTimeouts
    private var progressTimer: TimerID?
    private var connectTimer: TimerID?
    private var totalTimer: TimerID?
    private var isSent = false
    private var status = HTTPResponse.Status.ok
    private var answerFields: HTTPFields = [:]
    private var outcome: Result<Void, TransportError>?
    private var waiter: CheckedContinuation<Void, Never>?
    /// What has arrived while the pipe was full.
    private var backlog: [Arrival] = []
    private var isPaused = false

    private enum Arrival {
        case bytes([UInt8])
        case end(TransportError?)
    }

    init(_ request: TransportRequest, on loop: SimulatedLoop) {
        (method, url, fields, self.loop) = (request.method, request.url, request.fields, loop)
        pipe = BodyPipe(highMark: request.responseWindow)
        upload = Upload(request.body)
        if case .bytes(let bytes) = request.body { body = bytes } else { body = [] }
        cancellation = request.cancellation
        timeouts = ProgressTimeouts(request.limits, at: loop.schedule.now)
        pipe.onDrained = { [unowned self] in resumeLater() }
        pipe.onCancel = { [unowned self] in end(with: TransportError(.canceled, "the reader canceled the response")) }
        pipe.onEnd = { [unowned self] end in
            timeouts.bodyEnded(end, at: loop.schedule.now)
            rearm()
        }
        cancellation?.hold(self) { [self] error in end(with: error) }
        connectTimer = limit(request.limits.connect) { TransportError(.connectTimeout, "no connection in time") }
        totalTimer = request.limits.total.flatMap { total in
            limit(total) { [self] in TransportError(isSent ? .timeout : .connectTimeout, "the time is up") }
        }
        rearm()
    }

    func begin(at peer: (any Peer)?) {
        if let peer { peer.receive(self) } else { fail(.unresolved) }
    }

    /// Waits for the head.
    func response() async throws(TransportError) -> TransportResponse {
        await withCheckedContinuation { waiter in
            if outcome == nil { self.waiter = waiter } else { waiter.resume() }
        }
        try outcome?.get()
        return TransportResponse(status: status, fields: answerFields, body: pipe)
    }

    private func headIsDone(_ result: Result<Void, TransportError>) {
        outcome = result
        waiter?.resume()
        waiter = nil
    }

    // MARK: Ends

    /// - Parameter error: nil if the exchange succeeded.
    func end(with error: TransportError?) {
        guard !isEnded else { return }
        ended = loop.schedule.now
        self.error = error
        loop.forget(self)
        for timer in [progressTimer, connectTimer, totalTimer] {
            if let timer { loop.cancelTimer(timer) }
        }
        backlog = []
        if outcome == nil {
            let none = TransportError(.reset, "the connection was closed within the response head")
            headIsDone(.failure(error ?? none))
        }
        pipe.finish(error)
        upload.cancel()
        cancellation?.release(self)
        let hook = onClientGone
        onClientGone = nil
        hook?()
    }

    // MARK: Timers

    private func limit(_ milliseconds: Int, _ error: @escaping () -> TransportError) -> TimerID {
        loop.timer(at: loop.schedule.now + Int64(milliseconds)) { [self] in end(with: error()) }
    }

    private func rearm() {
        if let progressTimer { loop.cancelTimer(progressTimer) }
        progressTimer = nil
        guard !isEnded, let next = timeouts.next(isHeldBack: isPaused) else { return }
        progressTimer = loop.timer(at: next.due) { [self] in timerIsDue() }
    }

    private func timerIsDue() {
        progressTimer = nil
        guard let next = timeouts.next(isHeldBack: isPaused) else { return }
        guard next.due <= loop.schedule.now else { return rearm() }
        switch next.event {
        case .end(let error): end(with: error)
        case .fillSilence:
            pipe.fillSilence()
            timeouts.readerNotified(at: loop.schedule.now)
            rearm()
        }
    }
}

// MARK: - What a peer does

extension Exchange {
    /// The connection is there, and the request has been sent.
    package func connected() {
        isSent = true
        if let connectTimer { loop.cancelTimer(connectTimer) }
        connectTimer = nil
    }

    /// The exchange fails on the wire.
    package func fail(_ kind: TransportError.Kind) {
        arrive(.end(TransportError(kind, "simulated")))
    }

    package func head(_ status: HTTPResponse.Status, _ fields: HTTPFields) {
        guard !isEnded, outcome == nil else { return }
        (self.status, answerFields) = (status, fields)
        headIsDone(.success(()))
        timeouts.headReceived(at: loop.schedule.now)
        rearm()
    }

    /// Sends a piece of the answer's body.
    package func send(_ bytes: [UInt8]) {
        guard bytes.count > Self.largestPiece else { return arrive(.bytes(bytes)) }
        for start in stride(from: 0, to: bytes.count, by: Self.largestPiece) {
            arrive(.bytes(Array(bytes[start..<min(bytes.count, start + Self.largestPiece)])))
        }
    }

    /// Ends the answer as its framing says.
    package func finish() { arrive(.end(nil)) }

    private func arrive(_ arrival: Arrival) {
        guard !isEnded else { return }
        if isPaused { backlog.append(arrival) } else { take(arrival) }
    }

    private func take(_ arrival: Arrival) {
        switch arrival {
        case .bytes(let bytes):
            guard !pipe.makesWait() || pipe.end != nil else {
                isPaused = true
                backlog.insert(arrival, at: 0)
                return
            }
            let waiting = pipe.count
            taken += bytes.count
            bytes.withUnsafeBytes { pipe.write($0) }
            if timeouts.bytesReceived(passed: pipe.count > waiting, at: loop.schedule.now) { rearm() }
        case .end(let error):
            onClientGone = nil
            end(with: error)
        }
    }

    private func resumeLater() {
        guard isPaused else { return }
        timeouts.readerCaughtUp(at: loop.schedule.now)
        loop.deliver(after: 0) { [self] in resume() }
    }

    private func resume() {
        guard isPaused, !isEnded else { return }
        isPaused = false
        rearm()
        while !isPaused, !isEnded, !backlog.isEmpty { take(backlog.removeFirst()) }
    }
}
