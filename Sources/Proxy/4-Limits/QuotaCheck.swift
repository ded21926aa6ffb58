/// What has to be counted before a request may pass.
enum QuotaCheck: Sendable {
    case counter(Counter, Scope, [Quota])
    case lease(Lease, Scope)

    var scope: Scope {
        switch self {
        case .counter(_, let scope, _), .lease(_, let scope): scope
        }
    }
}

/// The store's result of a check.
package enum QuotaCheckResult: Sendable, Equatable {
    /// Counted. With what has been used of the counter, this request included.
    case granted(Usage)
    /// Not counted, with what has been used.
    case refused(Usage)

    var isRefused: Bool { if case .refused = self { true } else { false } }

    var used: Usage {
        switch self {
        case .granted(let usage), .refused(let usage): usage
        }
    }
}

/// A check with its result, or with the store's error.
typealias CheckedQuota = (check: QuotaCheck, result: Result<QuotaCheckResult, StoreError>)

extension Result<QuotaCheckResult, StoreError> {
    var isRefused: Bool { (try? get())?.isRefused ?? false }

    /// Nil if it isn't known.
    var used: Usage? { (try? get())?.used }

    var error: StoreError? { if case .failure(let error) = self { error } else { nil } }
}

extension QuotaSet {
    /// The quotas that apply to an operation. Lists of models, which clients request at each start, are limited only in
    /// requests per minute and in parallel requests.
    func holding(for operation: Operation) -> QuotaSet {
        switch operation {
        case .models, .model: break
        default: return self
        }
        var quotaSet = self
        quotaSet.quotas.removeAll { $0.measure != .requests || $0.period != .minute }
        return quotaSet
    }

    /// - Parameter now: in seconds since 1970.
    func checks(for scope: Scope, _ reservation: QuotaReservation, at now: Int64) -> [QuotaCheck] {
        var checks: [QuotaCheck] = Period.allCases.compactMap { period in
            let quotas = quotas.filter { $0.period == period }
            guard !quotas.isEmpty else { return nil }
            return .counter(Counter(scope.text, period, start: period.start(at: now)), scope, quotas)
        }
        if let parallel {
            let lease = Lease(
                scope.text, id: reservation.requestID, quota: parallel, expires: reservation.end(from: now))
            checks.append(.lease(lease, scope))
        }
        return checks
    }
}

/// What shares one counter.
enum Scope: Hashable {
    case key(String)
    case server(String)
    case keyAtServer(key: String, server: String)

    /// The key in the store. Server names contain no slash, so no two scopes share a text.
    var text: String {
        switch self {
        case .key(let key): "key/\(key)"
        case .server(let server): "server/\(server)"
        case .keyAtServer(let key, let server): "key-at/\(server)/\(key)"
        }
    }

    /// The server that it is limited to; nil for all servers together.
    var server: String? {
        switch self {
        case .key: nil
        case .server(let server), .keyAtServer(_, let server): server
        }
    }

    /// Whether a key is limited, at one server or at all of them.
    var isOfKey: Bool { if case .server = self { false } else { true } }

    /// For people.
    var words: String {
        switch self {
        case .key(let key): "the key '\(key)'"
        case .server(let server): "the server '\(server)', for all its callers"
        case .keyAtServer(let key, let server): "the key '\(key)' at the server '\(server)'"
        }
    }
}
