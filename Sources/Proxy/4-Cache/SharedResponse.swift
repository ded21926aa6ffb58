import HTTPTypes
import LambdaRuntime
import Transport

/// The response to a request, which is recorded so that it can be stored, and which identical requests share while it
/// is on its way. The request that asked the server is its leader; the others follow.
///
/// `@unchecked Sendable`: used on the loop only.
final class SharedResponse: BodyTap, @unchecked Sendable {
    /// What followers wait for.
    enum Beginning {
        /// It is in the cache.
        case entry(CacheEntry, CacheLayerName)
        /// The first part of the answer has arrived.
        case answer(Prelude)
        /// Nothing of an answer has arrived, and nothing will.
        case nothing
    }

    private(set) var beginning: Beginning?
    /// The model that the server was asked for.
    private(set) var model: String?
    private(set) var meter: Meter?
    private(set) var end: BodyPipe.End?
    /// Whether all of it has been kept.
    private(set) var isWhole = true

    /// By which others find it; nil if nobody may follow.
    let key: CacheKey?
    let limit: Int
    private let now: @Sendable () -> Int64
    let timers: any Timers
    private var prelude: Prelude?
    /// Nil once it has ended.
    var source: BodyPipe?
    /// What has arrived and is kept, behind `dropped` bytes that aren't.
    var bytes: [UInt8] = []
    var dropped = 0
    var stallTimer: TimerID?
    private var pieces: [CacheEntry.Piece] = []
    private var lastPiece: Int64 = 0
    var followers: [Follower] = []
    /// Wakes the leader, which waits for the end.
    private var onChange: (() -> Void)?
    /// Called each time the last follower has left.
    var onUnfollowed: (() -> Void)?

    /// - Parameters:
    ///   - key: by which others find it; nil if nobody may follow.
    ///   - limit: how much is kept, in bytes.
    ///   - now: the time in milliseconds since 1970.
    init(_ key: CacheKey? = nil, limit: Int, now: @escaping @Sendable () -> Int64, _ timers: any Timers) {
        self.key = key
        self.limit = limit
        self.now = now
        self.timers = timers
    }

    /// Whether somebody besides the leader wants it.
    var outlivesReader: Bool { !followers.isEmpty }

    /// The writer waits for a reader that is as far behind as is kept, or if no reader has room.
    func isFull(besides buffered: Int?, highMark: Int) -> Bool {
        // Until the answer begins, nothing is moved to followers.
        guard beginning != nil else { return false }
        if (buffered ?? 0) >= limit || followers.contains(where: { isFarBehind($0.offset) }) { return true }
        return (buffered ?? highMark) >= highMark
            && !followers.contains { $0.offset == total && !$0.body.isFull }
    }

    /// How much has arrived. In bytes.
    var total: Int { dropped + bytes.count }

    func isFarBehind(_ offset: Int) -> Bool { total - offset >= limit }

    /// Whether it is a stream of events.
    var isStream: Bool { MediaType(prelude?.fields.value(of: .contentType)).isEventStream }

    /// Whether a request may still follow: from the first byte, or not at all.
    var mayBeFollowed: Bool {
        guard isWhole, meter?.hasFailed != true else { return false }
        return end.map { if case .complete = $0 { true } else { false } } ?? true
    }
}

// MARK: - The leader's side

extension SharedResponse {
    /// It was found in the cache.
    func resolve(_ entry: CacheEntry, _ layer: CacheLayerName) { begin(.entry(entry, layer)) }

    /// There will be no answer that can be shared.
    func fail() { begin(.nothing) }

    /// Records a response as its bytes pass.
    func record(_ prelude: Prelude, _ body: BodyPipe, _ meter: Meter, model: String?) {
        (self.prelude, self.meter, self.model) = (prelude, meter, model)
        source = body
        lastPiece = now()
        bytes.reserveCapacity(min(limit, Self.usualLength))
        pieces.reserveCapacity(Self.usualPieces)
        body.attach(tap: self)
        source?.tapHasRoom()
    }

    /// What a short answer needs, so that it isn't copied as it grows. In bytes, and in pieces.
    private static let (usualLength, usualPieces) = (16 * 1024, 128)

    func receive(_ bytes: UnsafeRawBufferPointer, _ end: BodyPipe.End?) {
        if !bytes.isEmpty { keep(bytes) }
        if let end { self.end = end }
        if beginning == nil {
            if meter?.firstOutput != nil, let prelude {
                begin(.answer(prelude))
            } else if end != nil || !isWhole {
                begin(.nothing)
            }
        }
        if !followers.isEmpty { for follower in followers { pump(follower) } }
        if !isWhole { trim() }
        guard end != nil else { return watchForStalls() }
        if let stallTimer { timers.cancel(stallTimer) }
        source = nil
        changed()
    }

    /// Waits until no more of it will come, or nobody wants more. For a leader whose own caller has gone.
    func ended() async {
        while end == nil, outlivesReader {
            await withCheckedContinuation { continuation in
                // Checked again, because other jobs may have run: see `BodyPipe.readable`.
                guard end == nil, outlivesReader else { return continuation.resume() }
                onChange = { continuation.resume() }
            }
        }
        source?.cancel()
    }

    func changed() {
        let hook = onChange
        onChange = nil
        hook?()
    }

    /// The entry to store, once the response has ended. Nil if it isn't complete or failed.
    func entry() -> CacheEntry? {
        guard case .complete = end, isWhole, let prelude, let meter, !meter.hasFailed else { return nil }
        guard isStream ? meter.hasEnded : GoodAnswer.isOne(bytes) else { return nil }
        // Copied, since an array that has grown may have room for twice as much.
        return CacheEntry(
            created: now(), fields: prelude.fields.withoutRateLimits, body: bytes.withUnsafeBytes { Array($0) },
            pieces: pieces.withUnsafeBufferPointer { Array($0) }, usage: meter.usage, model: model,
            answeredModel: meter.model)
    }

    private func begin(_ beginning: Beginning) {
        guard self.beginning == nil else { return }
        self.beginning = beginning
        guard case .answer = beginning else {
            for follower in followers { leave(follower) }
            return
        }
        for follower in followers { follower.wake() }
    }

    private func keep(_ part: UnsafeRawBufferPointer) {
        let time = now()
        bytes.append(contentsOf: part)
        pieces.append(CacheEntry.Piece(length: part.count, wait: max(0, Int(time - lastPiece))))
        lastPiece = time
        if bytes.count + pieces.count * MemoryLayout<CacheEntry.Piece>.stride > limit { isWhole = false }
    }

    /// Once it is too long to be stored, only what followers haven't read yet is kept, and what tells where an event
    /// ends.
    private func trim() {
        pieces = []
        let read = (followers.map { $0.offset - Self.boundaryLength }.min() ?? total) - dropped
        // At most as many bytes are left as are removed, so moving them costs no more than writing them did.
        guard read > 0, read >= bytes.count - read else { return }
        bytes = Array(bytes[read...])
        dropped += read
    }

    /// The longest end of an event: CR LF CR LF.
    static let boundaryLength = 4
}

extension HTTPFields {
    /// Without what only says how much the first caller could still send at that time.
    fileprivate var withoutRateLimits: HTTPFields {
        var fields = HTTPFields()
        for field in self where !Self.isRateLimit(field.name) { fields.append(field) }
        return fields
    }

    private static func isRateLimit(_ name: HTTPField.Name) -> Bool {
        name == .retryAfter || name == .retryAfterMilliseconds
            || ["x-ratelimit-", "anthropic-ratelimit-"].contains { name.canonicalName.utf8.starts(with: $0.utf8) }
    }
}
