package import HTTPTypes

/// The bounded buffer between the transfer that receives a body and its reader.
///
/// One writer, one reader, one loop: nothing here is synchronized. Above the high mark (`isFull`) the writer pauses
/// until the reader has drained the buffer to the low mark; then `onDrained` is called. `onReadable` tells a reader
/// that found the buffer empty. A hook must not call back into the pipe.
///
/// `@unchecked Sendable`: used on the loop only.
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
    /// How the body ended; nil while more may arrive. The buffer may still have bytes to read.
    package private(set) var end: End?
    /// Whether the reader is gone; further writes are dropped.
    package private(set) var isCanceled = false
    /// Whether the tap still wants the rest, but the reader gets no more of it: it is gone, or was too slow.
    package private(set) var isAbandoned = false
    private var filter: (any BodyFilter)?
    private var tap: (any BodyTap)?
    private let highMark: Int

    package var onReadable: (() -> Void)?
    package var onDrained: (() -> Void)?
    package var onCancel: (() -> Void)?
    /// Called when the filter has seen the end of the body; further writes are dropped.
    package var onEnd: ((End) -> Void)?

    package init(highMark: Int = BodyPipe.defaultHighMark) {
        self.highMark = highMark
    }

    package var count: Int { buffer.count - start }
}

// MARK: - The writer's side

extension BodyPipe {
    /// Whether the writer must wait for `onDrained`. One write may exceed the mark. If others read too, the tap decides.
    package var isFull: Bool {
        guard let tap, tap.outlivesReader else { return count >= highMark }
        return tap.isFull(besides: isAbandoned ? nil : count, highMark: highMark)
    }

    /// The same, for a writer that will wait if it must.
    package func makesWait() -> Bool {
        guard isFull else { return false }
        wasFull = true
        return true
    }

    /// Resumes the writer if it waits and the tap's readers have room again.
    package func tapHasRoom() {
        guard wasFull, !isFull else { return }
        wasFull = false
        onDrained?()
    }

    /// Gives the reader no more, because it delays the tap's. It sees that something is missing.
    package func cutOffReader() {
        guard end == nil, !isCanceled, !isAbandoned else { return }
        abandon()
    }

    /// Reserves capacity for the length of the whole body, in bytes, so that a long one isn't copied as it grows.
    package func expect(_ length: Int) { buffer.reserveCapacity(max(0, min(length, highMark))) }

    /// Writes bytes. They are dropped if the filter has already ended the body.
    package func write(_ bytes: UnsafeRawBufferPointer) {
        guard !isCanceled, end == nil else { return }
        if filter == nil {
            buffer.append(contentsOf: bytes)
        } else {
            // Most filters pass on about as many bytes as they get.
            if buffer.isEmpty { buffer.reserveCapacity(bytes.count) }
            let before = buffer.count
            end = filter?.receive(bytes, into: &buffer)
            showTap(from: before)
            if let end { onEnd?(end) }
        }
        notifyReadable()
    }

    package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes { write($0) } }

    /// Lets the filter write something because nothing has arrived for a while. Does nothing if bytes are still
    /// buffered.
    package func fillSilence() {
        guard !isCanceled, !isAbandoned, end == nil, count == 0 else { return }
        filter?.fillSilence(into: &buffer)
        notifyReadable()
    }

    package func finish(_ error: TransportError?) {
        onDrained = nil
        onCancel = nil
        onEnd = nil
        guard end == nil else { return }
        let before = buffer.count
        end = filter?.end(error, into: &buffer) ?? error.map { .failed($0) } ?? .complete
        showTap(from: before)
        wakeReader()
    }

    /// Ends as another pipe did.
    package func finish(as end: End) {
        self.end = self.end ?? end
        finish(nil)
        wakeReader()
    }

    /// Shows the tap what the filter has just written, and the end.
    private func showTap(from offset: Int) {
        guard let tap else { return }
        buffer.withUnsafeBytes { bytes in
            let new = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            // Two calls, because copying the end for each piece takes time.
            if let end { tap.receive(new, end) } else { tap.receive(new, nil) }
        }
        if end != nil { self.tap = nil }
        if isAbandoned { buffer.removeAll(keepingCapacity: true) }
    }

    private func notifyReadable() {
        wasFull = wasFull || isFull
        if count > 0 || end != nil { wakeReader() }
    }
}

// MARK: - The reader's side

extension BodyPipe {
    /// Installs a filter, behind the one that is already there. It also gets what is already buffered.
    package func attach(_ filter: some BodyFilter) {
        let waiting = readAll()
        let (first, ended) = (self.filter, end)
        end = nil
        self.filter = filter
        write(waiting)
        // What is buffered has passed the first one, and a body that has ended has nothing left for it.
        if let first, let filter = self.filter, ended == nil { self.filter = FilterChain(first, filter) }
        switch ended {
        case .failed(let error): finish(error)
        case .complete, .partial: finish(nil)
        case nil: break
        }
    }

    /// Installs a tap behind the filter. It also gets what is already buffered.
    package func attach(tap: some BodyTap) {
        withBuffered { tap.receive($0, end) }
        if end == nil { self.tap = tap }
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
        // What was dropped is missing, however the body ends.
        if isAbandoned { return .failed }
        return switch end {
        case nil: .empty
        case .complete, .partial: .end
        case .failed: .failed
        }
    }

    /// Gives access to the buffered bytes without consuming them.
    package func withBuffered<Result>(_ look: (UnsafeRawBufferPointer) -> Result) -> Result {
        buffer.withUnsafeBytes { look(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// Takes all buffered bytes.
    package func readAll() -> [UInt8] {
        let bytes = start == 0 ? buffer : Array(buffer[start...])
        buffer = []
        start = 0
        notifyDrained()
        return bytes
    }

    /// Returns bytes to the front of the buffer.
    package func putBack(_ bytes: [UInt8]) {
        buffer = count == 0 ? bytes : bytes + buffer[start...]
        start = 0
        wasFull = wasFull || isFull
    }

    /// Drops the rest of the body and ends the transfer that writes it, unless a tap wants the rest. Then only this
    /// reader gets no more.
    package func cancel() {
        guard !isCanceled else { return }
        if end == nil, tap?.outlivesReader == true { return abandon() }
        isCanceled = true
        let tap = tap
        self.tap = nil
        buffer = []
        start = 0
        if end == nil { tap?.receive(.init(start: nil, count: 0), .failed(Self.canceled)) }
        let hook = onCancel
        onCancel = nil
        hook?()
        onDrained?()
        onDrained = nil
        wakeReader()
    }

    private static let canceled = TransportError(.canceled, "the reader canceled the body")

    private func abandon() {
        isAbandoned = true
        buffer = []
        start = 0
        notifyDrained()
        wakeReader()
    }

    private func discardRead() {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * highMark)
            start = 0
        } else if start >= max(highMark, count) {
            // At most as many bytes are left as were read, so moving them costs no more than reading did.
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

/// Sits between a response and its reader: sees all bytes, and decides what to pass on and how the body ends.
package protocol BodyFilter {
    /// Receives the next bytes of the body and appends to `output` what can be passed on now.
    /// - Returns: how the body ends, if it ends here; nil to continue.
    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End?

    /// Called when the body has ended, with or without an error. Appends what remains to be sent.
    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End

    /// Called when the reader has received nothing for a while. May append something harmless.
    mutating func fillSilence(into output: inout [UInt8])
}

/// Sees what a pipe passes on to its reader, without changing it. It must not call back into the pipe.
package protocol BodyTap: AnyObject {
    /// Receives the next bytes, behind the filter; comments that only fill a silence are left out.
    /// - Parameter end: how the body ends after these bytes; nil if more may follow.
    func receive(_ bytes: UnsafeRawBufferPointer, _ end: BodyPipe.End?)

    /// Whether others want the body too, so that it goes on without its reader.
    var outlivesReader: Bool { get }

    /// Whether the writer must wait for one of the others, or for all readers.
    /// - Parameter buffered: what the pipe's own reader hasn't read yet, in bytes; nil if it gets no more.
    func isFull(besides buffered: Int?, highMark: Int) -> Bool
}

/// Two filters in a row: the second gets what the first writes.
private struct FilterChain: BodyFilter {
    private var first: any BodyFilter
    private var second: any BodyFilter

    init(_ first: any BodyFilter, _ second: any BodyFilter) { (self.first, self.second) = (first, second) }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        var between: [UInt8] = []
        let end = first.receive(bytes, into: &between)
        if let end = pass(between, into: &output) { return end }
        return end.map { second.end($0.error, into: &output) }
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        var between: [UInt8] = []
        let end = first.end(error, into: &between)
        return pass(between, into: &output) ?? second.end(end.error, into: &output)
    }

    mutating func fillSilence(into output: inout [UInt8]) { second.fillSilence(into: &output) }

    private mutating func pass(_ bytes: [UInt8], into output: inout [UInt8]) -> BodyPipe.End? {
        guard !bytes.isEmpty else { return nil }
        return bytes.withUnsafeBytes { second.receive($0, into: &output) }
    }
}

extension BodyPipe.End {
    fileprivate var error: TransportError? { if case .failed(let error) = self { error } else { nil } }
}

/// How a body ends, as the reader of a pipe sees it.
extension BodyPipe {
    package enum End {
        case complete
        /// Properly framed, but incomplete; the body and the trailers say so. The type and the reason are for the
        /// owner's log.
        case partial(type: String, reason: String, trailers: HTTPFields)
        /// Cut off without a last chunk, so that the reader doesn't take the bytes for a complete body.
        case failed(TransportError)
    }
}
