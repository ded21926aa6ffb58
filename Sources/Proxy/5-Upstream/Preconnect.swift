import HTTPTypes
package import Logging
package import Transport

/// Connects to servers before the first request, during init, which gets more CPU from Lambda and costs less.
///
/// The connection is made by a request without a token, since libcurl keeps for later use only what has carried one.
/// What it is answered doesn't matter.
package enum Preconnect {
    package static func run(_ table: ServerTable, over transport: any HTTPTransport, _ logger: Logger) async {
        await withTaskGroup { group in
            for server in table.servers where server.preconnects && server.missingVariables.isEmpty {
                for url in server.urls {
                    group.addTask { await connect(to: url.text, of: server, over: transport, logger) }
                }
            }
        }
    }

    /// Lambda gives the whole start 10 s. In milliseconds.
    private static let longest = 3000

    private static func connect(
        to url: String, of server: Server, over transport: any HTTPTransport, _ logger: Logger
    ) async {
        var request = TransportRequest(.head, url)
        request.limits = server.limits
        request.limits.total = min(server.limits.connect, longest)
        request.keepsConnectionAfterHead = true
        do throws(TransportError) {
            _ = try await transport.open(request).body.collect(upTo: 64 * 1024)
        } catch {
            logger.warning(
                "connecting ahead has failed", metadata: ["server": "\(server.name)", "error": "\(error.detail)"])
        }
    }
}
