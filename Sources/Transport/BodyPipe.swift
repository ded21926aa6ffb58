package import HTTPTypes

/// The bounded buffer through which a body goes from the transfer that receives it to whoever reads it.
///
/// One writer, one reader, one loop: nothing here is synchronised. Above the high mark the writer holds back
/// (`isFull`) until the reader has taken the buffer down to the low mark; then `onDrained` is called. A reader that
/// found nothing is told by `onReadable`. The hooks only take note: they must not call back into the pipe.
///
/// `@unchecked Sendable`: tasks on the loop share it, and nobody else has it.
package final class BodyPipe: @unchecked Sendable {
    package static let defaultHighMark = 64 * 1024

    package enum Read: Equatable {
        case bytes(Int)
        case empty
        case end
        /// The body was cut off: see `BodyPipe.end`.
        case failed
    }

    private var buffer: [UInt8] = []
    private var start = 0
    private var wasFull = false
    /// How the body ended; nil while more may come. What is buffered is still to be read.
    package private(set) var end: End?
    /// The reader has gone: whatever is written is dropped.
    package private(set) var isCanceled = false
    private var filter: (any BodyFilter)?
    private let highMark: Int

    package var onReadable: (() -> Void)?
    package var onDrained: (() -> Void)?
    package var onCancel: (() -> Void)?
    /// The filter has seen the end: whatever the writer still has is dropped.
    package var onEnd: ((End) -> Void)?

    package init(highMark: Int = BodyPipe.defaultHighMark) {
        self.highMark = highMark
    }

    package var count: Int { buffer.count - start }
}

// MARK: - The writer's side

extension BodyPipe {
    /// Whether the writer has to wait for `onDrained`. One write may go over the mark.
    package var isFull: Bool { count >= highMark }

    /// Says how long the whole body will be, in bytes, so that a long one isn't moved while it grows.
    package func expect(_ length: Int) { buffer.reserveCapacity(max(0, min(length, highMark))) }

    /// Behind the end that a filter has seen nothing is passed on.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        guard !isCanceled, end == nil else { return }
        if filter == nil {
            buffer.append(contentsOf: bytes)
        } else {
            // Most filters pass on what they get, event by event.
            if buffer.isEmpty { buffer.reserveCapacity(bytes.count) }
            end = filter?.receive(bytes, into: &buffer)
            if let end { onEnd?(end) }
        }
        notifyReadable()
    }

    package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

    /// Nothing has come for a while: what the reader gets is up to the filter. A reader that is behind gets nothing.
    package func fillSilence() {
        guard !isCanceled, end == nil, count == 0 else { return }
        filter?.fillSilence(into: &buffer)
        notifyReadable()
    }

    package func finish(_ error: TransportError?) {
        onDrained = nil
        onCancel = nil
        onEnd = nil
        guard end == nil else { return }
        end = filter?.end(error, into: &buffer) ?? error.map { .failed($0) } ?? .complete
        wakeReader()
    }

    /// Ends as another pipe did.
    package func finish(as end: End) {
        self.end = self.end ?? end
        finish(nil)
        wakeReader()
    }

    private func notifyReadable() {
        wasFull = wasFull || isFull
        if count > 0 || end != nil { wakeReader() }
    }
}

// MARK: - The reader's side

extension BodyPipe {
    /// Puts a filter before the reader. What has come already goes through it too.
    package func attach(_ filter: some BodyFilter) {
        let waiting = readAll()
        let ended = end
        end = nil
        self.filter = filter
        write(waiting)
        switch ended {
        case .failed(let error): finish(error)
        case .complete, .partial: finish(nil)
        case nil: break
        }
    }

    /// Moves as much as fits into `destination`.
    package func read(into destination: UnsafeMutableRawBufferPointer) -> Read {
        guard count > 0 else { return endOfRead }
        let length = min(count, destination.count)
        buffer.withUnsafeBytes { destination.copyMemory(from: .init(rebasing: $0[start..<start + length])) }
        start += length
        discardRead()
        return .bytes(length)
    }

    private var endOfRead: Read {
        switch end {
        case nil: .empty
        case .complete, .partial: .end
        case .failed: .failed
        }
    }

    /// Shows what is buffered, and leaves it there.
    package func withBuffered<Result>(_ look: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeBytes { look(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Takes all that is buffered.
    package func readAll() -> [UInt8] {
        let bytes = start == 0 ? buffer : Array(buffer[start...])
        buffer = []
        start = 0
        notifyDrained()
        return bytes
    }

    /// What was read is to be read again.
    package func putBack(_ bytes: [UInt8]) {
        buffer = count == 0 ? bytes : bytes + buffer[start...]
        start = 0
        wasFull = wasFull || isFull
    }

    /// The reader doesn't want the rest: the transfer that writes is ended.
    package func cancel() {
        guard !isCanceled else { return }
        isCanceled = true
        buffer = []
        start = 0
        let hook = onCancel
        onCancel = nil
        hook?()
        onDrained?()
        onDrained = nil
        wakeReader()
    }

    private func discardRead() {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * highMark)
            start = 0
        } else if start >= max(highMark, count) {
            // What is left is no more than what was read: so moving it costs no more than reading did.
            buffer.removeFirst(start)
            start = 0
        }
        notifyDrained()
    }

    private func notifyDrained() {
        guard wasFull, count <= highMark / 4 else { return }
        wasFull = false
        onDrained?()
    }

    private func wakeReader() {
        let hook = onReadable
        onReadable = nil
        hook?()
    }
}

/// Stands between a response and its reader: sees all bytes, decides what is passed on and how the body ends.
package protocol BodyFilter {
    /// Takes the next bytes of the body and appends to `output` what may be passed on now.
    /// - Returns: how the body ends, if it ends here whatever else may come; nil to go on.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End?

    /// The body has ended, with an error or without: appends what is still to be said.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End

    /// The reader has heard nothing for a while: appends what fills the silence, if there is something harmless.
    mutating func fillSilence(into output: inout [UInt8])
}

/// How a body ends, as the reader of a pipe sees it.
extension BodyPipe {
    package enum End {
        case complete
        /// With its last chunk, but it says itself that it is only a part; the trailers say it again. The type of the
        /// failure and the reason are for the owner's log.
        case partial(type: String, reason: String, trailers: HTTPFields)
        /// Cut off without a last chunk: what was sent so far must not pass for a whole body.
        case failed(TransportError)
    }
}
