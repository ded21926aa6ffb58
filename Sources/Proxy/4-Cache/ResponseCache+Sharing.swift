import HTTPTypes
import LambdaRuntime
import Transport

extension ResponseCache {
    /// Asks servers, and records the response for followers and for the cache.
    func lead(_ response: SharedResponse, _ lookup: CacheLookup, else ask: () async -> Outcome) async -> Outcome {
        let model = lookup.request.body.model(for: lookup.route)
        let asksForStream = lookup.request.mayStream
        let outcome = await ask()
        let record = lookup.context.record
        // What comes from a fallback isn't shared, because other callers may not be allowed to ask it.
        guard case .success(.stream(let prelude, let body)) = outcome, prelude.status == .ok,
            record.server?.name == lookup.route.server.name, record.model == model
        else {
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
        let follower = response.follow(upTo: timeLeft(of: lookup), lookup.context.cancellation) { error, prelude in
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
        case nil: return .failure(.outOfTime(lookup.context.timed, server: server))
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

    subscript(key: CacheKey) -> SharedResponse? {
        guard let response = all[key], response.mayBeFollowed else { return nil }
        return response
    }

    func begin(_ response: SharedResponse) {
        if let key = response.key { all[key] = response }
    }

    func end(_ response: SharedResponse) {
        if let key = response.key, all[key] === response { all[key] = nil }
    }
}
