import HTTPTypes
import LambdaRuntime
import Transport

/// An upstream's own error. One whose words OpenAI's clients find passes byte for byte; of anything else (`"text"`,
/// `{"detail": …}`, an event, a load balancer's HTML) they would show only a number, so it is put into OpenAI's shape with
/// the words that it has. The status is kept.
enum UpstreamErrorBody {
    /// Longer than any error a provider sends; of a longer one nothing is passed on. In bytes.
    private static let limit = 256 * 1024

    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter, isReadable: Bool
    ) async throws(ProxyError) -> Answer {
        let body = try await collect(response, for: route, meter)
        let isEvents = body.withUnsafeBytes { BodyStart($0) } == .events
        let error = isReadable ? error(in: body, isEvents: isEvents) : nil
        if error?.isReadable == true, !isEvents { return .whole(prelude, body) }
        var prelude = prelude
        prelude.fields[.contentType] = "application/json"
        let words = error?.text.flatMap { $0.beginsAsPage ? nil : ": \($0)" } ?? "."
        let message = "The server '\(route.server.name)' answered \(response.status.code)\(words)"
        let wrapped = error?.body(message: message) ?? ProxyError.body(message: message, fault: .upstream, code: nil)
        return .whole(prelude, wrapped)
    }

    /// Without the server's token, should it stand there, and without a byte order mark.
    /// - Returns: no bytes if there are too many.
    static func collect(
        _ response: TransportResponse, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> [UInt8] {
        do throws(TransportError) {
            let body = try await response.body.collect(upTo: limit)
            meter.noteError(body)
            return route.place.redacted(body.withoutMark)
        } catch {
            guard error.kind == .tooLarge else {
                throw .upstreamFailed(server: route.server.name, error)
            }
            meter.noteError([])
            return []
        }
    }

    /// Nil if it says nothing that people can read.
    private static func error(in body: [UInt8], isEvents: Bool) -> ReportedError? {
        body.withUnsafeBytes { bytes in
            guard bytes.isPlainText else { return nil }
            return isEvents ? errorEvent(in: bytes) : ReportedError(body, isCertain: true)
        }
    }

    /// What the first event says that tells of an error; if none does, the first one with data.
    private static func errorEvent(in events: UnsafeRawBufferPointer) -> ReportedError? {
        var boundary = EventBoundary()
        var start = 0
        var first: ReportedError?
        while start < events.count {
            let end = boundary.next(in: events, from: start) ?? events.count
            let fields = EventFields(.init(rebasing: events[start..<end]))
            start = end
            if !fields.error.isEmpty { return ReportedError(fields.error, isCertain: true) }
            guard fields.hasData, !fields.isDone else { continue }
            if let error = ReportedError(fields.data, isCertain: fields.name.isError) { return error }
            first = first ?? ReportedError(fields.data, isCertain: true)
        }
        return first
    }
}

extension String {
    /// Whether these are no words, but a page in a JSON text: `<html>`, `<!doctype`, but not `<|im_start|>`.
    fileprivate var beginsAsPage: Bool {
        var bytes = utf8.prefix(2).makeIterator()
        guard bytes.next() == UInt8(ascii: "<"), let second = bytes.next() else { return false }
        return second.isLetter || second == UInt8(ascii: "!") || second == UInt8(ascii: "?")
    }
}

extension UnsafeRawBufferPointer {
    /// How much is looked at to tell a text from a picture or what is compressed. In bytes.
    private static let longestLook = 1024

    /// Whether people can read it: no HTML or XML, and hardly anything that isn't a character.
    fileprivate var isPlainText: Bool {
        guard let first = first(where: { $0 > 0x20 }), first != UInt8(ascii: "<") else { return false }
        let scalars = String(decoding: prefix(Self.longestLook), as: UTF8.self).unicodeScalars
        let odd = scalars.count { $0.value < 0x09 || (0x0E..<0x20).contains($0.value) || $0 == "\u{FFFD}" }
        return odd * 4 <= scalars.count
    }
}
