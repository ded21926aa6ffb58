import HTTPTypes
import Transport

extension HTTPField.Name {
    static let xAPIKey = known("x-api-key")
    static let apiKey = known("api-key")
    /// Ours, beside the upstream's own `x-request-id`.
    static let proxyRequestID = known("x-proxy-request-id")
    static let shouldRetry = known("x-should-retry")
}
