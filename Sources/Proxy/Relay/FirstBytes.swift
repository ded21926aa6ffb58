import Transport

/// Tells what a body is from how it begins, while nothing has been said yet that couldn't be taken back.
enum FirstBytes {
    /// What decides stands before that, behind the white space with which a body begins. In bytes.
    private static let longestLook = 4 * 1024
    /// So much white space is waited out: some providers send empty lines until they have an answer. The pipe must have
    /// room for it and what decides, or both sides would wait for each other.
    private static let mostBlanks = 32 * 1024
    private static let startOfError = 64

    /// Waits until `tell` knows. The body stays as it is.
    /// - Parameter tell: gets the beginning, and where its white space ends; gives nil as long as it needs more.
    /// - Returns: nil if the body, or the beginning that is looked at, doesn't tell.
    static func look<Result>(
        at body: BodyPipe, server: String, _ tell: (UnsafeRawBufferPointer, _ start: Int) -> Result?
    ) async throws(ProxyError) -> Result? {
        // White space is looked at once, however it comes.
        var start = 0
        while true {
            let result = body.withBuffered { bytes in
                start = bytes.startOfContent(from: start)
                return tell(.init(rebasing: bytes.prefix(longestLook(from: start))), start)
            }
            if let result { return result }
            if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
            guard body.end == nil, body.count < longestLook(from: start), !body.isFull else { return nil }
            guard !body.isCanceled else {
                throw .upstreamFailed(server: server, TransportError(.canceled, "nobody wanted the answer"))
            }
            await body.readable(beyond: body.count)
        }
    }

    /// Waits for the beginning of a body, or for all of a shorter one, which stays as it is.
    /// - Parameter isFree: the body may be anything, and come slowly: only as much is waited for as an error begins with.
    static func wait(for body: BodyPipe, server: String, isFree: Bool) async throws(ProxyError) -> [UInt8] {
        var start = 0
        _ = try await look(at: body, server: server) { bytes, content in
            start = content
            return isFree && bytes.count >= startOfError ? true : nil
        }
        // What has broken off before anything was passed on is better asked for again.
        if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
        return body.withBuffered { Array($0.prefix(longestLook(from: start))) }
    }

    /// - Parameter start: where the white space ends.
    private static func longestLook(from start: Int) -> Int { min(start, mostBlanks) + longestLook }
}
