import Transport

/// Tells what a body is from how it begins, while nothing has been said yet that couldn't be taken back.
enum FirstBytes {
    /// What decides stands before that. In bytes.
    private static let longestLook = 4 * 1024

    /// Waits until `tell` knows. The body stays as it is.
    /// - Parameter tell: gives nil as long as it needs more.
    /// - Returns: nil if the body, or the beginning that is looked at, doesn't tell.
    static func look<Result>(
        at body: BodyPipe, server: String, _ tell: (UnsafeRawBufferPointer) -> Result?
    ) async throws(ProxyError) -> Result? {
        while true {
            let result = body.withBuffered { tell(.init(rebasing: $0.prefix(longestLook))) }
            if let result { return result }
            if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
            guard body.end == nil, body.count < longestLook else { return nil }
            guard !body.isCanceled else {
                throw .upstreamFailed(server: server, TransportError(.canceled, "nobody wanted the answer"))
            }
            await body.readable(beyond: body.count)
        }
    }
}
