import HTTPTypes
import Transport

extension HTTPField.Name {
    static let xAPIKey = known("x-api-key")
    static let apiKey = known("api-key")
    /// Ours, beside the upstream's own `x-request-id`.
    static let proxyRequestID = known("x-proxy-request-id")
    /// Which server answered, and how many requests that took.
    static let proxyServer = known("x-proxy-server")
    static let proxyAttempts = known("x-proxy-attempts")
    /// Of AWS X-Ray.
    static let amazonTrace = known("x-amzn-trace-id")
    static let shouldRetry = known("x-should-retry")
    static let retryAfterMilliseconds = known("retry-after-ms")
}
