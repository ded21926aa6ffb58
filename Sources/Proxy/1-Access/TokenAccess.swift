import Digests
import JSONWebTokens
import Logging
import Transport

/// Identifies users by the tokens of the issuers in the table.
///
/// `@unchecked Sendable`: used on the loop only.
final class TokenAccess: @unchecked Sendable {
    private let issuers: [(issuer: TokenIssuer, keys: IssuerKeys)]
    private let hashes: UserHashes
    private let now: @Sendable () -> Int64
    private var verified = RecentEntries<KeyDigest, (user: User, until: Int64)>(most: mostVerified)

    /// How many verified tokens are remembered. Each takes about a kilobyte.
    private static let mostVerified = 2000
    /// For how long. In milliseconds.
    private static let verifiedFor: Int64 = 300_000

    /// Nil if the table has no issuers.
    /// - Parameter now: the time in milliseconds since 1970.
    init?(
        _ settings: Settings, over transport: any HTTPTransport, _ timers: any Timers, _ logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        guard !settings.tokenIssuers.isEmpty else { return nil }
        issuers = settings.tokenIssuers.map { issuer in
            (issuer, IssuerKeys(issuer, over: transport, timers, logger, now: now))
        }
        hashes = UserHashes(settings)
        self.now = now
    }

    /// The user of a token that was verified a short time ago.
    /// - Parameter digest: of the whole token: a part of it could be that of another token.
    func knownUser(by digest: KeyDigest) -> User? {
        guard let known = verified[digest], now() < known.until else { return nil }
        return known.user
    }

    /// Verifies a token.
    /// - Parameter digest: of the whole token.
    func user(
        by token: Secret, _ digest: KeyDigest, for request: TimedRequest
    ) async throws(ProxyError) -> User {
        let user = try await verifiedUser(token, for: request)
        let now = now()
        let end = min(now + Self.verifiedFor, ((user.expires ?? 0) + TokenRules.leeway) * 1000)
        verified[digest] = (user, end)
        return user
    }

    private func verifiedUser(_ text: Secret, for request: TimedRequest) async throws(ProxyError) -> User {
        let token: JSONWebToken
        do throws(TokenError) {
            token = try JSONWebToken(Array(text.revealed.utf8))
        } catch {
            throw .invalidToken(error)
        }
        // Only to find the issuer: the rules check the name once more when the signature has been verified.
        let name = token.claims.issuer ?? ""
        guard let (issuer, keys) = issuers.first(where: { $0.issuer.name.utf8.elementsEqual(name.utf8) }) else {
            throw .invalidToken(.wrongIssuer)
        }
        try await keys.verify(token, of: issuer, for: request)
        do throws(TokenError) {
            let id = try issuer.rules.check(token, at: now() / 1000)
            return User(id, hash: hashes.hash(of: id, at: issuer.name), token.claims, of: issuer)
        } catch {
            throw .invalidToken(error)
        }
    }
}

/// Makes the hashes that stand for users.
struct UserHashes {
    private let key: HMACKey

    init(_ settings: Settings) {
        key = HMACKey(Array((settings.userIDKey?.revealed ?? "lambda-openai-proxy: IDs of users").utf8))
    }

    /// 128 bits are enough to tell users apart.
    func hash(of id: String, at issuer: String) -> String {
        // No issuer contains a line feed.
        Hexadecimal.encode(Array(key.code(for: Array("\(issuer)\n\(id)".utf8)).prefix(16)))
    }
}

/// The keys that verify an issuer's tokens.
private enum IssuerKeys {
    case shared(KeySet)
    case published(PublishedKeys)

    init(
        _ issuer: TokenIssuer, over transport: any HTTPTransport, _ timers: any Timers, _ logger: Logger,
        now: @escaping @Sendable () -> Int64
    ) {
        switch issuer.keys {
        case .secrets(let secrets):
            self = .shared(KeySet(secrets: secrets.map { HMACKey(Array($0.revealed.utf8)) }))
        case .published(let url):
            let fetcher = KeySetFetcher(issuer.name, keysAt: url, over: transport, now: now)
            self = .published(PublishedKeys(fetcher, timers, logger, now: now))
        }
    }

    func verify(_ token: JSONWebToken, of issuer: TokenIssuer, for request: TimedRequest) async throws(ProxyError) {
        let result: Result<Void, TokenError>
        do throws(IssuerFailure) {
            result = try await verification(of: token, allowing: issuer.rules.algorithms, for: request)
        } catch {
            throw .tokenIssuerUnavailable(issuer.name, error)
        }
        if case .failure(let error) = result { throw .invalidToken(error) }
    }

    private func verification(
        of token: JSONWebToken, allowing algorithms: [TokenAlgorithm], for request: TimedRequest
    ) async throws(IssuerFailure) -> Result<Void, TokenError> {
        switch self {
        case .shared(let keys): return token.verification(with: keys, algorithms)
        case .published(let published):
            let result = token.verification(with: try await published.current(for: request), algorithms)
            guard case .failure(.unknownKey) = result, let newer = try await published.newer(for: request) else {
                return result
            }
            return token.verification(with: newer, algorithms)
        }
    }
}

extension JSONWebToken {
    fileprivate func verification(
        with keys: KeySet, _ algorithms: [TokenAlgorithm]
    ) -> Result<Void, TokenError> {
        Result { () throws(TokenError) in try verify(with: keys, allowing: algorithms) }
    }
}
