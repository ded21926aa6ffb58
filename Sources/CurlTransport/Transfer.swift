import CCurl
import HTTPTypes
import Transport

/// One exchange on the loop: a libcurl easy handle, the source of its request body, and the pipe for its response.
///
/// `CurlLoop.transfers` retains it until it has ended; libcurl's callbacks use an unretained pointer.
///
/// `@unchecked Sendable`: used on the loop only.
final class Transfer: @unchecked Sendable {
    let easy: UnsafeMutableRawPointer
    let pipe: BodyPipe
    var upload: Upload
    var head = ResponseHeadParser()
    var timeouts: ProgressTimeouts
    var timer: TimerID?
    let loop: CurlLoop
    private let cancellation: Cancellation?
    private let headerList: UnsafeMutablePointer<curl_slist>?
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    private var outcome: Result<Void, TransportError>?
    private var waiter: CheckedContinuation<Void, Never>?
    /// The directions in which libcurl is paused: `CURLPAUSE_SEND`, `CURLPAUSE_RECV`.
    private(set) var paused: Int32 = 0
    /// The bytes of a streamed body given to libcurl so far, including the chunk framing that it adds.
    private var given = 0
    /// Everything given to libcurl has been sent, so writes are suspended until there is more.
    private var isSuspended = false
    /// The pipe's hook for more bytes to send. Created once, since it is set for nearly every chunk.
    private lazy var noteReadable: () -> Void = { [unowned self] in
        if paused & CURLPAUSE_SEND != 0 { return wantsResume(CURLPAUSE_SEND) }
        if isSuspended { loop.readyToSend.append(self) }
    }
    /// The socket that libcurl last reported for this transfer.
    var socket: Int32 = -1
    /// Whether the request may be sent: see `Transfer+Connection.swift`.
    var begin = Begin.none
    var hasConnected = false
    /// The sockets created for this transfer, open or not.
    var sockets: [Int32] = []
    private let connectLimit: Int
    /// The loop's own delays when the transfer began, in milliseconds.
    private let delayAtStart: Int64
    /// A HEAD request with a body. libcurl doesn't support that and would wait for a response body.
    private let isHeadWithBody: Bool
    /// Whether it was paused for its reader, and hasn't been resumed yet.
    private(set) var mayHaveUnread = false

    init?(_ request: TransportRequest, on loop: CurlLoop) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.loop = loop
        pipe = BodyPipe(highMark: request.responseWindow)
        upload = Upload(request.body)
        cancellation = request.cancellation
        timeouts = ProgressTimeouts(request.limits, at: loop.peerTime)
        connectLimit = request.limits.connect
        delayAtStart = loop.ownDelay
        isHeadWithBody = request.method == .head && request.body.isPresent
        headerList = Self.headerList(of: request)
        errorText.pointee = 0
        loop.certificates.apply(to: easy)
        loop.sessions.apply(to: easy)
        setOptions(for: request, headerList: headerList, errorText: errorText)
        pipe.onDrained = { [unowned self] in wantsResume(CURLPAUSE_RECV) }
        pipe.onCancel = { [unowned self] in self.loop.end(self, with: Self.canceled) }
        pipe.onEnd = { [unowned self] end in
            timeouts.bodyEnded(end, at: self.loop.peerTime)
            rearm()
        }
        // Not weak: once an object has had a weak reference, each retain and release of it takes the slow path.
        cancellation?.hold(self) { [self] error in self.loop.end(self, with: error) }
        rearm()
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Waits for the head.
    func response() async throws(TransportError) -> TransportResponse {
        await withCheckedContinuation { waiter in
            if outcome == nil { self.waiter = waiter } else { waiter.resume() }
        }
        try outcome?.get()
        return TransportResponse(status: head.status, fields: head.fields, body: pipe)
    }

    /// Called when libcurl has finished the transfer, or the loop has ended it.
    func finish(_ error: TransportError?) {
        paused = 0
        isSuspended = false
        disarm()
        if outcome == nil {
            headIsDone(error.map { .failure($0) } ?? (head.isComplete ? .success(()) : .failure(Self.noHead)))
        }
        pipe.finish(error)
        upload.cancel()
        cancellation?.release(self)
    }

    var isUnanswered: Bool { outcome == nil }

    private func headIsDone(_ result: Result<Void, TransportError>) {
        outcome = result
        waiter?.resume()
        waiter = nil
    }

    private static let canceled = TransportError(.canceled, "the reader canceled the response")
    private static let noHead = TransportError(.reset, "the connection was closed within the response head")
}

// MARK: - Called by libcurl

extension Transfer {
    /// Receives one header line. Returning false aborts the transfer.
    func receive(header line: UnsafeRawBufferPointer) -> Bool {
        guard head.receive(line) else { return false }
        if head.isComplete, outcome == nil {
            if let length = head.fields.value(of: .contentLength).flatMap({ Int($0) }) {
                pipe.expect(length)
            } else {
                watchForExcess()
            }
            headIsDone(.success(()))
            timeouts.headReceived(at: loop.peerTime)
            rearm()
        }
        return !endsWithHead
    }

    private var endsWithHead: Bool { isHeadWithBody && head.isComplete }

    /// Receives a piece of the body. Returns false if the pipe is full: libcurl then keeps the piece and pauses.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard !pipe.makesWait() || pipe.end != nil else {
            paused |= CURLPAUSE_RECV
            return false
        }
        let waiting = pipe.count
        pipe.write(bytes)
        if timeouts.bytesReceived(passed: pipe.count > waiting, at: loop.peerTime) { rearm() }
        return true
    }

    /// Gives libcurl the next piece of the request body. Pauses sending if there is none yet.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch upload.read(into: buffer) {
        case .bytes(let count):
            loop.lastSender = self
            given += Self.sizeOfChunk(count)
            return count
        case .end:
            if !upload.trailers.isEmpty { announceTrailers() }
            return 0
        case .failed: return Int(CURL_READFUNC_ABORT)
        case .empty:
            paused |= CURLPAUSE_SEND
            upload.pipe?.onReadable = noteReadable
            return Int(CURL_READFUNC_PAUSE)
        }
    }

    /// Suspends writing if everything available of a streamed body has been sent and more is expected; the pipe then
    /// tells the loop when there is more.
    ///
    /// libcurl doesn't report this, but it counts the bytes it has sent, framing included. If that count differs, after
    /// a restart or in another version, libcurl pauses the transfer instead, which is slower.
    func suspendIfDrained() -> Bool {
        guard paused & CURLPAUSE_SEND == 0, upload.awaitsMore else { return false }
        var sent: curl_off_t = 0
        ccurl_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &sent)
        guard sent == given else { return false }
        isSuspended = true
        upload.pipe?.onReadable = noteReadable
        return true
    }

    /// A chunk's size with its framing: the length in hexadecimal and two line ends.
    private static func sizeOfChunk(_ count: Int) -> Int { count + (67 - count.leadingZeroBitCount) / 4 + 4 }

    private func wantsResume(_ direction: Int32) {
        guard paused & direction != 0 else { return }
        paused &= ~direction
        loop.resumable.append(self)
        if direction == CURLPAUSE_RECV {
            mayHaveUnread = true
            timeouts.readerCaughtUp(at: loop.peerTime)
            rearm()
        }
    }

    /// Resumes libcurl in the directions that are no longer paused. It may call back before this returns.
    func resume() {
        mayHaveUnread = false
        let result = curl_easy_pause(easy, paused)
        if result != CURLE_OK { loop.end(self, with: error(result)) }
    }
}

// MARK: - Errors

extension Transfer {
    func error(_ result: CURLcode) -> TransportError? {
        guard result != CURLE_OK else { return nil }
        if head.isTooLarge { return TransportError(.tooLarge, "a response head of more than 64 KB") }
        if endsWithHead { return nil }
        if begin == .repeats { return TransportError(.reset, "the connection was closed without a response") }
        let text = errorText.pointee == 0 ? String(cString: curl_easy_strerror(result)) : String(cString: errorText)
        return TransportError(TransportError.Kind(result, isRequestSent: bytesSent > 0), text)
    }

    /// Extends the connect timeout by the time for which the loop itself was busy.
    func allowMoreTimeToConnect() {
        guard !hasConnected else { return }
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, connectLimit + Int(loop.ownDelay - delayAtStart))
    }
}

extension TransportError.Kind {
    /// Maps a libcurl result code.
    init(_ result: CURLcode, isRequestSent: Bool) {
        self =
            switch result {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved
            case CURLE_COULDNT_CONNECT: .refused
            case CURLE_OPERATION_TIMEDOUT: isRequestSent ? .timeout : .connectTimeout
            case CURLE_SSL_CONNECT_ERROR: .handshake
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
                CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_SHUTDOWN_FAILED:
                .tls
            case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL: .malformed
            // libcurl reports a header line over its own limit of 100 KB as "out of memory".
            case CURLE_OUT_OF_MEMORY: .tooLarge
            case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
            case CURLE_ABORTED_BY_CALLBACK, CURLE_WRITE_ERROR, CURLE_READ_ERROR: .canceled
            default: .reset
            }
    }
}
