extension BodyPipe {
    /// Reads the whole body.
    /// - Parameter limit: in bytes; a longer body is canceled and `tooLarge` is thrown.
    package func collect(upTo limit: Int) async throws(TransportError) -> [UInt8] {
        guard let body = try await collect(ifUpTo: limit) else {
            cancel()
            throw TransportError(.tooLarge, "a body of more than \(limit) bytes")
        }
        return body
    }

    /// Reads the body up to a length in bytes, and cancels the rest.
    package func collectBeginning(
        upTo limit: Int
    ) async throws(TransportError) -> (bytes: [UInt8], isWhole: Bool) {
        if let body = try await collect(ifUpTo: limit) { return (body, true) }
        let beginning = readAll().prefix(limit)
        cancel()
        return (Array(beginning), false)
    }

    /// Reads the whole body.
    /// - Parameter limit: in bytes.
    /// - Returns: nil for a longer body, which can still be read from its beginning.
    package func collect(ifUpTo limit: Int) async throws(TransportError) -> [UInt8]? {
        var body = readAll()
        while body.count <= limit {
            guard !isAbandoned else { throw TransportError(.reset, Self.tooSlow) }
            switch end {
            case .complete where count == 0, .partial where count == 0: return body
            case .failed(let error) where count == 0: throw error
            case nil where isCanceled: throw TransportError(.canceled, "the reader canceled the body")
            case nil where count == 0: await readable()
            default: break
            }
            let more = readAll()
            // The first buffer may have room for the whole body: see `expect`.
            if body.capacity == 0 { body = more } else { body.append(contentsOf: more) }
        }
        putBack(body)
        return nil
    }

    /// Waits until more bytes have arrived than the caller has seen, or until the end.
    ///
    /// The condition is checked inside the continuation's closure, because an unoptimized build may run other jobs
    /// before it, and their bytes would not wake the reader.
    package func readable(beyond seen: Int = 0) async {
        await withCheckedContinuation { continuation in
            guard count <= seen, end == nil, !isCanceled, !isAbandoned else { return continuation.resume() }
            onReadable = { continuation.resume() }
        }
    }

    /// Copies all bytes of `source`, and ends the same way. Buffers only up to the high mark.
    package func drain(_ source: BodyPipe) async {
        onCancel = { source.cancel() }
        while !isCanceled {
            let bytes = source.readAll()
            write(bytes)
            if source.isAbandoned { return finish(as: .failed(TransportError(.reset, Self.tooSlow))) }
            if bytes.isEmpty, let end = source.end { return finish(as: end) }
            if isFull { await drained() } else if source.count == 0 { await source.readable() }
        }
    }

    private static let tooSlow = "the reader was too slow"

    /// Waits until the reader has drained the buffer or has canceled.
    private func drained() async {
        await withCheckedContinuation { continuation in
            guard isFull, !isCanceled else { return continuation.resume() }
            // Resumes only once: a reader that has drained the buffer may also cancel in the same turn.
            onDrained = { [unowned self] in
                onDrained = nil
                continuation.resume()
            }
        }
    }
}
