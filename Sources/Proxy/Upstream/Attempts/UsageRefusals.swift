import HTTPTypes
import LambdaRuntime
import Transport

/// The servers that have refused to be asked for the usage of a stream. For a while they aren't asked any more.
///
/// `@unchecked Sendable`: used on the loop only.
final class UsageRefusals: @unchecked Sendable {
    /// Then it is tried again: a server learns, and what was refused may have been the request's own fault. In
    /// milliseconds.
    private static let kept: Int64 = 3_600_000

    /// When, by the name of the server; in milliseconds since 1970.
    private var moments: [String: Int64] = [:]

    /// Lets a server that has refused be asked for the stream alone.
    func apply(to route: inout Route, at now: Int64) {
        guard route.asksForUsage, let moment = moments[route.server.name], now - moment < Self.kept else { return }
        route.asksForUsage = false
    }

    /// - Returns: whether it is the first time.
    func note(_ server: String, at now: Int64) -> Bool {
        defer { moments[server] = now }
        return moments[server] == nil
    }
}

extension UpstreamRequest {
    /// Whether a server has refused because it was asked for a usage that the caller hasn't asked for.
    func wasRefusedForUsage(_ outcome: Outcome, on route: Route) -> Bool {
        guard case .success(.whole(let prelude, _)) = outcome, hidesUsage(on: route) else { return false }
        switch prelude.status.code {
        // These say something else, whatever words go with it.
        case ..<400, 401, 402, 403, 404, 408, 413, 429: return false
        // Whether it is this field that isn't wanted, only the second answer shows.
        case 400, 422: return meter.usageRefusal != nil
        default: return meter.usageRefusal == .named
        }
    }
}
