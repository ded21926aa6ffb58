import HTTPTypes
import JSONBytes
import JSONWebTokens
import LambdaRuntime
import Transport

/// Decides who may call, before the caller learns anything about the servers.
struct Access {
    private let clients: [VirtualKey]
    private let owners: [(server: String, digest: KeyDigest)]
    private let tokens: TokenAccess?
    private let gateway: GatewayAccess?
    private let directInvocation: CallerGrant?
    private let allowsAnonymous: Bool
    private let known: KnownKeys

    /// - Parameter tokens: nil if the table has no token issuers.
    init(_ table: ServerTable, _ tokens: TokenAccess? = nil) {
        clients = table.settings.virtualKeys
        owners = table.servers.compactMap { server in
            server.token.map { (server.name, KeyDigest(of: $0)) }
        }
        self.tokens = tokens
        gateway = GatewayAccess(table.settings)
        directInvocation = table.settings.frontDoors.directInvocation
        allowsAnonymous = table.settings.allowAnonymous
        let secrets = table.settings.tokenIssuers.flatMap(\.secrets).map { KeyDigest(of: $0) }
        known = KnownKeys(clients.map(\.digest) + owners.map(\.digest) + secrets)
    }

    /// The keys to keep out of what is forwarded and logged.
    /// - Parameter keys: the keys that the request presents.
    func secrets(_ keys: [Secret]) -> RequestKeys { RequestKeys(presented: keys, known: known) }

    /// Identifies the caller: by its key, by the token of a user, or by what the front door knows.
    /// - Parameters:
    ///   - sender: what the front door knows.
    ///   - keys: the keys in the header fields.
    ///   - request: may have to wait until an issuer's keys have been fetched.
    ///   - now: in milliseconds since 1970.
    func admit(
        _ fields: HTTPFields, from sender: Sender = .anybody, presenting keys: [Secret], for request: TimedRequest,
        at now: Int64
    ) async throws(ProxyError) -> Caller {
        if sender == .invoker {
            guard let directInvocation else { throw .directInvocationOff }
            // An empty key is a mistake: what it should allow may be less.
            if keys.isEmpty, !Self.hasKeyField(fields) { return .invoker(directInvocation) }
        }
        let refusal: ProxyError
        do throws(ProxyError) {
            if let caller = try await holder(of: keys, for: request, at: now) { return caller }
            refusal =
                keys.first.map { .invalidKey(RejectedKey($0)) }
                ?? .missingKey(hasAuthorization: fields.value(of: .authorization) != nil)
        } catch {
            if error.leavesCallerUnknown, let user = gateway?.user(sender) { return .user(user) }
            throw error
        }
        if let user = gateway?.user(sender) { return .user(user) }
        guard !allowsAnonymous else { return .anonymous }
        throw refusal
    }

    /// The caller who has one of these keys or tokens; nil if they are unknown.
    private func holder(
        of keys: [Secret], for request: TimedRequest, at now: Int64
    ) async throws(ProxyError) -> Caller? {
        var expired: VirtualKey?
        var others: [(text: Secret, digest: KeyDigest)] = []
        for key in keys {
            let digest = KeyDigest(untraced: key)
            guard let caller = caller(with: digest) else {
                others.append((key, digest))
                continue
            }
            guard case .client(let key) = caller, let end = key.expires, now / 1000 >= end else { return caller }
            expired = expired ?? key
        }
        if let user = try await user(among: others, for: request) { return .user(user) }
        if let expired { throw .keyExpired(expired.id) }
        return nil
    }

    /// The user of the first valid token.
    /// - Returns: nil if there is no token.
    private func user(
        among keys: [(text: Secret, digest: KeyDigest)], for request: TimedRequest
    ) async throws(ProxyError) -> User? {
        guard let tokens else { return nil }
        var refusal: ProxyError?
        for key in keys {
            if let user = tokens.knownUser(by: key.digest) { return user }
            guard JSONWebToken.hasForm(key.text.revealed.utf8) else { continue }
            do throws(ProxyError) {
                return try await tokens.user(by: key.text, key.digest, for: request)
            } catch {
                refusal = refusal ?? error
            }
        }
        if let refusal { throw refusal }
        return nil
    }

    /// Compares with every key, so that the time taken doesn't reveal which one matched.
    private func caller(with digest: KeyDigest) -> Caller? {
        var key: VirtualKey?
        for client in clients where client.digest == digest { key = key ?? client }
        var servers: Set<String> = []
        for owner in owners where owner.digest == digest { servers.insert(owner.server) }
        if let key { return .client(key) }
        return servers.isEmpty ? nil : .owner(of: servers)
    }

    private static func hasKeyField(_ fields: HTTPFields) -> Bool {
        [HTTPField.Name.authorization, .xAPIKey, .apiKey].contains { fields.value(of: $0) != nil }
    }

    /// `x-api-key` and `api-key` are for front ends that already use the `Authorization` header, so any of them may
    /// match.
    static func presentedKeys(_ fields: HTTPFields) -> [Secret] {
        var keys: [Secret] = []
        // Arrays only: for other sequences Swift searches all conformances on first use.
        func add(_ key: ArraySlice<UInt8>?) {
            if let key, !key.isEmpty { keys.append(Secret(String(decoding: key, as: UTF8.self))) }
        }
        if let value = fields.value(of: .authorization) { add(Array(value.utf8)[...].bearerToken) }
        if let value = fields.value(of: .xAPIKey) { add(Array(value.utf8)[...].withoutOuterBlanks) }
        if let value = fields.value(of: .apiKey) { add(Array(value.utf8)[...].withoutOuterBlanks) }
        return keys
    }
}

extension ProxyError {
    /// Whether a token isn't for this proxy, or can't be checked, so that the gateway may still know the caller. A key
    /// that has expired and a user whom an issuer's rules refuse stay refused.
    fileprivate var leavesCallerUnknown: Bool {
        switch self {
        case .tokenIssuerUnavailable, .invalidToken(.wrongIssuer), .invalidToken(.malformed), .invalidToken(.tooLong):
            true
        default: false
        }
    }
}

extension BidirectionalCollection<UInt8> {
    /// The token after `Bearer` (in any case) and at least one space; nil for another scheme.
    var bearerToken: SubSequence? {
        let text = withoutOuterBlanks
        let scheme = text.prefix { $0 != 0x20 && $0 != 0x09 }
        guard scheme.elementsEqual("bearer".utf8, by: UInt8.isSameLetter) else { return nil }
        let token = text[scheme.endIndex...].withoutOuterBlanks
        return token.isEmpty ? nil : token
    }
}

/// An unknown key, masked for the error that its sender gets. Like a `Secret`, it can't be printed: the masked form is
/// only for the response.
struct RejectedKey: Equatable {
    /// Masked as OpenAI does it: `sk-abcde***…***wxyz`. ASCII only.
    let masked: String
    /// A sentence that says what may be wrong with the key.
    let advice: String

    /// Shorter keys are masked completely, since the rest could be guessed. In bytes.
    private static let shortest = 16
    private static let mostStars = 160

    init(_ key: Secret) {
        let bytes = Array(key.revealed.utf8)
        masked = Self.mask(bytes)
        advice = Self.advice(on: bytes)
    }

    private static func mask(_ key: [UInt8]) -> String {
        guard key.count >= shortest else { return "***" }
        let beginning = key.prefix(min(8, key.count / 4))
        let ending = key.suffix(4)
        let stars = min(key.count - beginning.count - ending.count, mostStars)
        let shown = beginning + Array(repeating: UInt8(ascii: "*"), count: stars) + ending
        return String(decoding: shown.map { mayBeShown($0) ? $0 : UInt8(ascii: "*") }, as: UTF8.self)
    }

    private static func mayBeShown(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func advice(on key: [UInt8]) -> String {
        if key.bearerToken != nil {
            return "The key itself begins with 'Bearer': give your client only the key."
        }
        if key.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") }) {
            return "It contains quotes or spaces: give your client only the key."
        }
        return "Check that it is complete and belongs to this proxy."
    }
}

extension RejectedKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[masked key]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}
