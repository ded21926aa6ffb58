import HTTPTypes

/// The bounded buffer through which a body goes from the transfer that receives it to whoever reads it.
///
/// One writer, one reader, one loop: nothing here is synchronised. Above the high mark the writer holds back
/// (`isFull`) until the reader has taken the buffer down to the low mark; then `onDrained` is called. A reader that
/// found nothing is told by `onReadable`. The hooks only take note: they must not call back into the pipe.
package final class BodyPipe {
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
    private var filter: (any BodyFilter)?
    private let highMark: Int
    private var wasFull = false
    /// How the body ended; nil while more may come. What is buffered is still to be read.
    package private(set) var end: End?
    /// What went wrong on the wire, whatever a filter made of it.
    package private(set) var error: TransportError?
    /// The reader has gone: whatever is written is dropped.
    package private(set) var isCanceled = false

    package var onReadable: (() -> Void)?
    package var onDrained: (() -> Void)?
    package var onCancel: (() -> Void)?

    package init(highMark: Int = BodyPipe.defaultHighMark) {
        self.highMark = highMark
    }

    package var count: Int { buffer.count - start }
}

// MARK: - The writer's side

extension BodyPipe {
    /// Whether the writer has to wait for `onDrained`. One write may go over the mark.
    package var isFull: Bool { count >= highMark }

    package func write(_ bytes: UnsafeRawBufferPointer) {
        guard !isCanceled, end == nil else { return }
        if filter == nil {
            buffer.append(contentsOf: bytes)
        } else {
            filter?.receive(bytes, into: &buffer)
        }
        wasFull = wasFull || isFull
        if count > 0 { wakeReader() }
    }

    package func finish(_ error: TransportError?) {
        guard end == nil else { return }
        self.error = error
        if filter == nil {
            end = error.map { .failed($0) } ?? .complete(trailers: [:])
        } else {
            end = filter?.end(error, into: &buffer)
        }
        onDrained = nil
        onCancel = nil
        wakeReader()
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
        waiting.withUnsafeBytes { write($0) }
        switch ended {
        case .complete: finish(nil)
        case .failed(let error): finish(error)
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
        case .complete: .end
        case .failed: .failed
        }
    }

    /// Takes all that is buffered.
    package func readAll() -> [UInt8] {
        let bytes = start == 0 ? buffer : Array(buffer[start...])
        buffer = []
        start = 0
        notifyDrained()
        return bytes
    }

    /// The reader doesn't want the rest: the transfer that writes is ended.
    package func cancel() {
        guard !isCanceled else { return }
        isCanceled = true
        buffer = []
        start = 0
        onReadable = nil
        let hook = onCancel
        onCancel = nil
        hook?()
    }

    private func discardRead() {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * highMark)
            start = 0
        } else if start >= highMark {
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
