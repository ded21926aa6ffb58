import HTTPTypes
package import Logging
package import Transport

/// Connects to servers before the first request, during init, which gets more CPU from Lambda and costs less.
///
/// libcurl keeps only connections that have carried a request, so it sends one, without a token. The response doesn't
/// matter.
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

    /// Lambda allows 10 s for the whole init. In milliseconds.
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
                "preconnecting has failed", metadata: ["server": "\(server.name)", "error": "\(error.detail)"])
        }
    }
}
