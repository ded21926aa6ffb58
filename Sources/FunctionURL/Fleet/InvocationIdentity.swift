import FoundationEssentials

/// The names and the time that AWS gives to an invocation.
struct InvocationIdentity {
    let requestID: String
    /// What a runtime must echo: it tells one attempt at an invocation from another.
    let nonce: String
    let traceID: String
    let epochMilliseconds: Int

    init(_ request: CallerRequest) {
        requestID = UUID().uuidString.lowercased()
        nonce = UUID().uuidString.lowercased()
        epochMilliseconds = Self.now()
        let seconds = String(epochMilliseconds / 1000, radix: 16)
        let random = UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(24)
        traceID = request.headers.first("x-amzn-trace-id") ?? "Root=1-\(seconds)-\(random)"
    }

    static func now() -> Int {
        Int(Date().timeIntervalSince1970 * 1000)
    }
}
