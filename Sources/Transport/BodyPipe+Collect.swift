extension BodyPipe {
    /// Reads the whole body.
    /// - Parameter limit: in bytes; a longer body is canceled and `tooLarge` is thrown.
    package func collect(upTo limit: Int) async throws(TransportError) -> [UInt8] {
        var body = readAll()
        while body.count <= limit {
            switch end {
            case .complete where count == 0: return body
            case .failed(let error) where count == 0: throw error
            case nil where count == 0: await readable()
            default: break
            }
            let more = readAll()
            if body.isEmpty { body = more } else { body.append(contentsOf: more) }
        }
        cancel()
        throw TransportError(.tooLarge, "a body of more than \(limit) bytes")
    }

    /// Waits until there is something to read, or the end. Only to be called when there is neither yet.
    package func readable() async {
        await withCheckedContinuation { continuation in
            onReadable = { continuation.resume() }
        }
    }
}
