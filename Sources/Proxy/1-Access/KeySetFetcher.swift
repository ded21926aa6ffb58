import HTTPTypes
import JSONBytes
import JSONWebTokens
import Transport

/// Fetches the key set of a token issuer.
struct KeySetFetcher: Sendable {
    let issuer: String
    /// Nil if the issuer's discovery document names it.
    private let url: String?
    private let transport: any HTTPTransport
    private let now: @Sendable () -> Int64

    /// How long one request may take, in milliseconds. The caller waits meanwhile.
    private static let limit = 5000
    /// The most bytes that a document may have. Those of large providers have 2 to 15 KB.
    private static let largest = 64 * 1024

    /// - Parameter now: the time in milliseconds since 1970.
    init(
        _ issuer: String, keysAt url: String?, over transport: any HTTPTransport, now: @escaping @Sendable () -> Int64
    ) {
        self.issuer = issuer
        self.url = url
        self.transport = transport
        self.now = now
    }

    func fetch(for request: TimedRequest) async throws(IssuerFailure) -> KeySet {
        let url = if let url { url } else { try await discoveredURL(for: request) }
        guard let set = KeySet(parsing: try await get(url, for: request)) else {
            throw .invalid("something that isn't a JSON Web Key Set")
        }
        return set
    }

    /// OpenID Connect Discovery 1.0, sections 4.1 and 4.3.
    private func discoveredURL(for request: TimedRequest) async throws(IssuerFailure) -> String {
        let root = issuer.utf8.last == UInt8(ascii: "/") ? String(issuer.dropLast()) : issuer
        let text = try await get(root + "/.well-known/openid-configuration", for: request)
        guard let document = try? JSONSlice(text), document["issuer"]?.string?.utf8.elementsEqual(issuer.utf8) == true
        else { throw .invalid("a discovery document that isn't for this issuer") }
        guard let url = document["jwks_uri"]?.string, isSafe(url) else {
            throw .invalid("a discovery document without the HTTPS address of its keys")
        }
        return url
    }

    /// An issuer without TLS is on this machine: the table allows no other.
    private func isSafe(_ url: String) -> Bool {
        url.utf8.starts(with: "https://".utf8)
            || issuer.utf8.starts(with: "http://".utf8) && url.utf8.starts(with: "http://".utf8)
    }

    private func get(_ url: String, for request: TimedRequest) async throws(IssuerFailure) -> [UInt8] {
        let end = now() + Int64(min(Self.limit, request.timeLeft(at: now()) ?? Self.limit))
        let (response, body): (TransportResponse, [UInt8]?)
        do throws(TransportError) {
            do throws(TransportError) {
                (response, body) = try await exchange(url, for: request, until: end)
            } catch {
                // The issuer may have closed a kept connection at the same moment.
                guard error.kind == .reset else { throw error }
                (response, body) = try await exchange(url, for: request, until: end)
            }
        } catch {
            let isOwn = (error.kind == .canceled || error.isTimeout) && !request.hasTime(at: now())
            throw isOwn ? .outOfTime : .unreachable(error)
        }
        guard response.status == .ok else { throw .status(response.status.code) }
        guard let body else { throw .invalid("more than \(Self.largest) bytes") }
        if let coding = response.fields.value(of: .contentEncoding), coding != "identity" {
            throw .invalid("an encoded document, although it was asked not to")
        }
        return body
    }

    /// - Returns: the response with its body, which is nil if it is too long or that of an error.
    private func exchange(
        _ url: String, for request: TimedRequest, until end: Int64
    ) async throws(TransportError) -> (TransportResponse, [UInt8]?) {
        var get = TransportRequest(.get, url, fields: [.accept: "application/json"])
        get.limits.total = max(1, Int(end - now()))
        get.cancellation = request.cancellation
        let response = try await transport.open(get)
        let body = try await response.body.collect(ifUpTo: response.status == .ok ? Self.largest : 0)
        if body == nil { response.body.cancel() }
        return (response, body)
    }
}

/// Why the keys of a token issuer can't be fetched.
enum IssuerFailure: Error, Equatable {
    case status(Int)
    /// It sent something else. With words for what.
    case invalid(String)
    case unreachable(TransportError)
    /// The request that needed them had no time left.
    case outOfTime

    /// What happened, as a part of a sentence about the issuer. Without host names and addresses.
    var words: String {
        switch self {
        case .status(let code): "it answered \(code)"
        case .invalid(let what): "it sent \(what)"
        case .unreachable(let error): Self.words(error)
        case .outOfTime: "it didn't answer before this request's own time ran out"
        }
    }

    private static func words(_ error: TransportError) -> String {
        switch error.kind {
        case .unresolved: "its host name doesn't resolve"
        case .refused: "it refused the connection"
        case .tls, .handshake: "the TLS handshake with it failed"
        case .malformed, .tooLarge: "it sent something that isn't a valid response"
        case .invalidRequest: "its address can't be called"
        default: error.isTimeout ? "it didn't answer in time" : "it closed the connection"
        }
    }

    /// For the owner's log.
    var detail: String {
        if case .unreachable(let error) = self { "\(words): \(error.detail)" } else { words }
    }
}
