import HTTPTypes
import LambdaRuntime

/// How an answer came about, for its caller to see.
struct Origin: Equatable {
    /// The server whose answer it is; nil if none was asked.
    var server: String?
    /// How many requests were sent up.
    var attempts = 0

    func marked(_ prelude: Prelude) -> Prelude {
        guard let server else { return prelude }
        var prelude = prelude
        // As it stands in the path: a header field holds no other characters.
        prelude.fields[.proxyServer] = RequestTarget.Segment.encoded(server.utf8)
        prelude.fields[.proxyAttempts] = "\(attempts)"
        // The SDKs would try again too, and multiply the attempts.
        if attempts > 1, prelude.status.code >= 400 { prelude.fields[.shouldRetry] = "false" }
        return prelude
    }
}
