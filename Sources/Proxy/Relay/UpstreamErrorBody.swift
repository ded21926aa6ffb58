import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// An upstream's own error. One that OpenAI's clients understand passes byte for byte; anything else (a load
/// balancer's HTML, `{"detail": …}`) would show them only a number, so it is wrapped and the status kept.
enum UpstreamErrorBody {
    /// Longer than any error a provider sends; of a longer one nothing is passed on. In bytes.
    private static let limit = 256 * 1024

    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter, isReadable: Bool
    ) async throws(ProxyError) -> Answer {
        let body = try await collect(response, for: route, meter)
        let explanation = Explanation(isReadable ? body : [])
        if explanation.hasError { return .whole(prelude, body) }
        return wrapped(explanation.text, prelude, response, server: route.server.name)
    }

    /// Without the server's token, should it stand there.
    /// - Returns: no bytes if there are too many.
    static func collect(
        _ response: TransportResponse, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> [UInt8] {
        do throws(TransportError) {
            let body = try await response.body.collect(upTo: limit)
            meter.noteError(body)
            return route.place.redacted(body)
        } catch {
            guard error.kind == .tooLarge else {
                throw .upstreamFailed(server: route.server.name, error)
            }
            meter.noteError([])
            return []
        }
    }

    private static func wrapped(
        _ text: String?, _ prelude: Prelude, _ response: TransportResponse, server: String
    ) -> Answer {
        var prelude = prelude
        prelude.fields[.contentType] = "application/json"
        let words = text.map { ": \($0)" } ?? "."
        let message = "The server '\(server)' answered \(response.status.code)\(words)"
        return .whole(prelude, ProxyError.body(message: message, fault: .upstream, code: nil))
    }

    /// What an error body says, as far as it is JSON.
    private struct Explanation {
        private(set) var hasError = false
        private(set) var text: String?

        init(_ body: [UInt8]) {
            do throws(JSONError) {
                try read(body)
            } catch {
                hasError = false
                text = nil
            }
        }

        private mutating func read(_ body: [UInt8]) throws(JSONError) {
            var reader = JSONReader(body, allowsNonFinite: true)
            try reader.readObject { key, reader throws(JSONError) in
                if key == "error" { hasError = true }
                guard key == "detail" || key == "message" else { return try _ = reader.skipValue() }
                let isText = try reader.peekKind() == .string
                let words =
                    isText ? try reader.readString() : String(decoding: body[try reader.skipValue()], as: UTF8.self)
                text = String(words.unicodeScalars.prefix(500))
            }
            try reader.finish()
        }
    }
}
