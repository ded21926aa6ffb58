import AWSSignature
import HTTPTypes
import Transport

/// Signs requests with the function's own credentials.
struct RequestSigner: Sendable {
    /// Reads them when a request is signed, since Lambda may replace them.
    let credentials: @Sendable () -> AWSCredentials?
    /// The time in milliseconds since 1970.
    let now: @Sendable () -> Int64

    /// Signs a request to a URL that demands it.
    func sign(_ request: inout TransportRequest, for url: WeightedURL, of server: Server) throws(ProxyError) {
        guard let signing = url.signing else { return }
        guard let credentials = credentials() else {
            throw .misconfigured(server: server.name, variables: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
        }
        // Only fields that nothing on the way changes are signed.
        var signed = HTTPFields()
        signed[.contentType] = request.fields[.contentType]
        let signature = SignatureV4(region: signing.region, service: signing.service, credentials)
        let body: [UInt8] = if case .bytes(let bytes) = request.body { bytes } else { [] }
        let target = SignableRequest(request.method, url: request.url, fields: signed, body: body)
        for field in signature.fields(for: target, at: max(0, now() / 1000)) {
            request.fields[field.name] = field.value
        }
    }
}
