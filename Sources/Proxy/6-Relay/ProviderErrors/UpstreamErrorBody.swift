import HTTPTypes
import LambdaRuntime
import Transport

/// An upstream's own error. If OpenAI's clients find its message, it passes byte for byte. Of anything else (`"text"`,
/// `{"detail": …}`, an event, a load balancer's HTML) they would show only a number, so it is put into OpenAI's shape
/// with the words that it has. The status is kept.
enum UpstreamErrorBody {
    /// Of a longer one, as FastAPI's that repeats a picture, the words at the beginning are passed on. In bytes.
    private static let limit = 256 * 1024

    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter, isReadable: Bool
    ) async throws(ProxyError) -> ProxyResponse {
        let (body, isWhole) = try await collect(response, for: route, meter)
        let isEvents = body.withUnsafeBytes { BodyStart($0) } == .events
        let error = isReadable ? error(in: body, isEvents: isEvents) : nil
        if error?.isReadable == true, isWhole, !isEvents { return .whole(prelude, body) }
        var prelude = prelude
        prelude.fields[.contentType] = "application/json"
        let words = error?.text.map { ": \($0)" } ?? "."
        let message = "The server '\(route.server.name)' answered \(response.status.code)\(words)"
        let wrapped = error?.body(message: message) ?? ProxyError.body(message: message, fault: .upstream, code: nil)
        return .whole(prelude, wrapped)
    }

    /// Without the server's token, should it stand there, and without a byte order mark.
    /// - Returns: of a body that is too long its beginning.
    static func collect(
        _ response: TransportResponse, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> (bytes: [UInt8], isWhole: Bool) {
        do throws(TransportError) {
            let body = try await response.body.collectBeginning(upTo: limit)
            meter.noteError(body.bytes)
            return (route.upstream.redacted(body.bytes.withoutMark), body.isWhole)
        } catch {
            throw .upstreamFailed(server: route.server.name, error)
        }
    }

    /// Nil if it says nothing that people can read.
    private static func error(in body: [UInt8], isEvents: Bool) -> ReportedError? {
        body.withUnsafeBytes { bytes in
            guard bytes.isPlainText else { return nil }
            guard isEvents else { return ReportedError(body, isCertain: true) }
            let events = ErrorEvents(bytes)
            // Many a text begins as a field does: "id: must not be empty".
            return events.error ?? (events.haveData ? nil : ReportedError(body, isCertain: true))
        }
    }

    /// The words of a text that stands in place of an answer. Nil if people can't read it.
    static func words(of text: [UInt8]) -> String? {
        guard text.withUnsafeBytes({ $0.isPlainText }) else { return nil }
        return ReportedError(text, isCertain: true)?.text
    }
}

extension UnsafeRawBufferPointer {
    /// How much is looked at to tell a text from a picture or what is compressed. In bytes.
    private static let longestLook = 1024

    /// Whether people can read it: hardly anything isn't a character.
    fileprivate var isPlainText: Bool {
        guard contains(where: { $0 > 0x20 }) else { return false }
        let scalars = String(decoding: prefix(Self.longestLook), as: UTF8.self).unicodeScalars
        let odd = scalars.count { $0.value < 0x09 || (0x0E..<0x20).contains($0.value) || $0 == "\u{FFFD}" }
        return odd * 4 <= scalars.count
    }
}

/// What events say about an error where no stream is expected: with an error status, or when none was requested.
struct ErrorEvents {
    /// The first event that tells of an error; if none does, the first that says something and is no part of an answer.
    private(set) var error: ReportedError?
    /// It is known from the event that this is one.
    private(set) var isCertain = false
    private(set) var haveData = false

    init(_ events: UnsafeRawBufferPointer) {
        var boundary = EventBoundary()
        var start = 0
        while start < events.count, !isCertain {
            let end = boundary.next(in: events, from: start) ?? events.count
            note(EventFields(.init(rebasing: events[start..<end])))
            start = end
        }
    }

    private mutating func note(_ fields: EventFields) {
        let words = fields.error
        haveData = haveData || fields.hasData || !words.isEmpty
        if !words.isEmpty {
            (error, isCertain) = (ReportedError(words, isCertain: true), true)
        } else if fields.hasData, !fields.isDone {
            note(fields.data, isNamed: fields.name.isError)
        }
    }

    private mutating func note(_ data: [UInt8], isNamed: Bool) {
        if let found = ReportedError(data, isCertain: isNamed) {
            (error, isCertain) = (found, true)
        } else if error?.text == nil, let event = ReportedError(data, isCertain: true), !event.isPart {
            error = event
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Where the first event ends, at or behind `start`, that has data or an error; nil if there is none yet.
    func endOfFirstData(from start: Int) -> Int? {
        var boundary = EventBoundary()
        var start = start
        while let end = boundary.next(in: self, from: start) {
            let fields = EventFields(.init(rebasing: self[start..<end]))
            if fields.hasData || !fields.error.isEmpty { return end }
            start = end
        }
        return nil
    }
}
