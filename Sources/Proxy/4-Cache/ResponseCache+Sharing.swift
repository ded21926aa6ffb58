import HTTPTypes
import LambdaRuntime
import Transport

extension ResponseCache {
    /// Asks servers, and records the response for followers and for the cache.
    func lead(_ response: SharedResponse, _ lookup: CacheLookup, else ask: () async -> Outcome) async -> Outcome {
        let model = lookup.request.body.model(for: lookup.route)
        let asksForStream = lookup.request.mayStream
        let outcome = await ask()
        guard case .success(.stream(let prelude, let body)) = outcome, prelude.status == .ok else {
            open.end(response)
            response.fail()
            return outcome
        }
        let record = lookup.context.record
        guard record.server?.name == lookup.route.server.name, record.model == model else {
            // It comes from a fallback, which other callers may not be allowed to ask.
            open.end(response)
            response.fail()
            return outcome
        }
        response.record(prelude, body, lookup.request.meter, model: model)
        lookup.use.destination = response.isStream == asksForStream ? (lookup.key, lookup.policy) : nil
        return outcome
    }

    func follow(
        _ response: SharedResponse, _ lookup: CacheLookup, else ask: () async -> Outcome
    ) async -> Outcome {
        let server = lookup.route.server.name
        let hasErrorEvents = lookup.route.streamEnd != .unmarked
        let timeLeft = lookup.deadline.map { Int($0 - now()) - margin }
        let follower = response.follow(upTo: timeLeft, lookup.context.cancellation) { error, prelude in
            guard hasErrorEvents, MediaType(prelude.fields.value(of: .contentType)).isEventStream else { return nil }
            return StreamFailure(Self.error(error, server))
        }
        switch await response.beginning(for: follower) {
        case .entry(let entry, let layer):
            guard let entry = usable(entry, lookup) else { return await ask() }
            return await replay(entry, from: layer, lookup)
        case .answer(let prelude):
            do throws(ProxyError) {
                try await admit(lookup)
            } catch {
                follower.body.cancel()
                return .failure(error)
            }
            lookup.use.outcome = .collapsed(response)
            return .success(.stream(prelude, follower.body))
        case .nothing:
            lookup.use.outcome = .miss(.unknown)
            return await ask()
        case nil:
            let reason = lookup.context.cancellation.reason
            return .failure(Self.error(reason ?? TransportError(.deadline, ""), server))
        }
    }

    private static func error(_ error: TransportError, _ server: String) -> ProxyError {
        error.kind == .deadline ? .deadlineExceeded(server: server) : .upstreamFailed(server: server, error)
    }
}

/// The responses that can be followed.
///
/// `@unchecked Sendable`: used on the loop only.
final class OpenResponses: @unchecked Sendable {
    private var all: [CacheKey: SharedResponse] = [:]
    private var keys: [ObjectIdentifier: CacheKey] = [:]

    subscript(key: CacheKey) -> SharedResponse? {
        guard let response = all[key], response.mayBeFollowed else { return nil }
        return response
    }

    func begin(_ key: CacheKey, _ response: SharedResponse) {
        if let earlier = all[key] { keys[ObjectIdentifier(earlier)] = nil }
        all[key] = response
        keys[ObjectIdentifier(response)] = key
    }

    func end(_ response: SharedResponse) {
        guard let key = keys.removeValue(forKey: ObjectIdentifier(response)) else { return }
        all[key] = nil
    }
}
