import HTTPTypes
import LambdaRuntime
import Transport

extension HTTPField.Name {
    static let xAPIKey = known("x-api-key")
    static let apiKey = known("api-key")
    /// The upstream's; ours where that has none. SDKs show it with an answer and with an error.
    static let requestID = known("x-request-id")
    /// Always ours.
    static let proxyRequestID = known("x-proxy-request-id")
    /// Which server answered, and how many requests that took.
    static let proxyServer = known("x-proxy-server")
    static let proxyAttempts = known("x-proxy-attempts")
    /// Of AWS X-Ray.
    static let amazonTrace = known("x-amzn-trace-id")
    static let shouldRetry = known("x-should-retry")
    static let retryAfterMilliseconds = known("retry-after-ms")
}

extension Prelude {
    /// The `cache-control` of an answer that depends on the caller's key. Not every key comes in `Authorization`, which alone
    /// keeps an answer out of shared caches (RFC 9111, section 3.5).
    static let noSharedCache = "private, no-store"
}
