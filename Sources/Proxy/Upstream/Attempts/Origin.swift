import HTTPTypes
import LambdaRuntime

/// How an answer came about, for its caller to see.
///
/// `@unchecked Sendable`: used on the loop only.
final class Origin: @unchecked Sendable {
    /// The server that was asked last; nil if none was.
    private(set) var server: String?
    /// How many requests were sent up.
    private(set) var attempts = 0

    func asks(_ server: Server) {
        self.server = server.name
        attempts += 1
    }

    func marked(_ prelude: Prelude) -> Prelude {
        guard let server else { return prelude }
        var prelude = prelude
        // As it stands in the path: a header field holds no other characters.
        prelude.fields[.proxyServer] = RequestTarget.Segment.encoded(server.utf8, isQuery: false)
        prelude.fields[.proxyAttempts] = "\(attempts)"
        // The SDKs would try again too, and multiply the attempts.
        if attempts > 1, prelude.status.code >= 400 { prelude.fields[.shouldRetry] = "false" }
        return prelude
    }
}
