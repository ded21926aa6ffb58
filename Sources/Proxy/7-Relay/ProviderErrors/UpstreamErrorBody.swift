import HTTPTypes
import LambdaRuntime
import Transport

/// An upstream's own error. If OpenAI's clients find its message, it passes byte for byte. For anything else (`"text"`,
/// `{"detail": …}`, an event, a load balancer's HTML) they would show only the status, so it is converted to OpenAI's
/// format, with the text that it has. The status is kept.
enum UpstreamErrorBody {
    /// Only the beginning of a longer one is read, such as FastAPI's that repeats an image. In bytes.
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

    /// Reads the body, without the server's token and a byte order mark.
    /// - Returns: the beginning of the body if it is too long.
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

    /// Nil if it isn't readable text.
    private static func error(in body: [UInt8], isEvents: Bool) -> ReportedError? {
        body.withUnsafeBytes { bytes in
            guard bytes.isPlainText else { return nil }
            guard isEvents else { return ReportedError(body, isCertain: true) }
            let events = ErrorEvents(bytes)
            // Many texts begin like a field: "id: must not be empty".
            return events.error ?? (events.haveData ? nil : ReportedError(body, isCertain: true))
        }
    }

    /// The message of a text that came instead of a response. Nil if it isn't readable text.
    static func words(of text: [UInt8]) -> String? {
        guard text.withUnsafeBytes({ $0.isPlainText }) else { return nil }
        return ReportedError(text, isCertain: true)?.text
    }
}

extension UnsafeRawBufferPointer {
    /// How much is examined to distinguish text from images and compressed data. In bytes.
    private static let longestLook = 1024

    /// Whether it is readable text: at most a quarter of its scalars are control characters or invalid.
    fileprivate var isPlainText: Bool {
        guard contains(where: { $0 > 0x20 }) else { return false }
        let scalars = String(decoding: prefix(Self.longestLook), as: UTF8.self).unicodeScalars
        let odd = scalars.count { $0.value < 0x09 || (0x0E..<0x20).contains($0.value) || $0 == "\u{FFFD}" }
        return odd * 4 <= scalars.count
    }
}

/// The error in a stream of events where none is expected: with an error status, or when no stream was requested.
struct ErrorEvents {
    /// The first event that reports an error. If none does, the first with a text that isn't part of a response.
    private(set) var error: ReportedError?
    /// Whether the event itself says that it is an error.
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
    /// The end of the first event from `start` on that has data or an error; nil if there is none yet.
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
