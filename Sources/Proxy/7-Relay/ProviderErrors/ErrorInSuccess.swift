import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// An error that a server sent with a success status. The caller gets a status on which SDKs raise an exception.
enum ErrorInSuccess {
    /// Waits for the beginning of a JSON body, or for all of a short one.
    /// - Returns: nil if it isn't an error. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> ProxyResponse? {
        let beginning = try await FirstBytes.wait(
            for: response.body, server: route.server.name, isFree: !route.expectsJSON)
        let isWhole = response.body.end != nil && response.body.count == beginning.count
        switch beginning.withUnsafeBytes({ JSONStart($0, isWhole: isWhole) }) {
        case .answer: return nil
        case .nothing(let reason) where route.expectsJSON: throw Relay.refusal(of: response, reason, for: route)
        case .nothing: return nil
        // On an endpoint that the owner has opened, a message alone may be a normal response.
        case .unclear where !route.expectsJSON: return nil
        case .perhapsError, .unclear:
            let error = isWhole ? ReportedError(beginning.withoutMark, isCertain: true) : nil
            guard error?.isAlone == true else { return nil }
        case .error: break
        }
        let (body, isAll) = try await UpstreamErrorBody.collect(response, for: route, meter)
        guard let error = ReportedError(body, isCertain: true) else { return nil }
        if case .json = route.body { meter.noteError(error) }
        if error.isReadable, isAll { return .whole(head(prelude, of: error), body) }
        return wrapped(error, prelude, for: route)
    }

    /// Waits for the first event of a stream that wasn't asked for, which SDKs would return as one long string.
    static func unaskedStream(
        _ response: TransportResponse, _ prelude: Prelude, for route: Route, _ meter: Meter
    ) async throws(ProxyError) -> ProxyResponse {
        let server = route.server.name
        _ = try await FirstBytes.look(at: response.body, server: server) { $0.endOfFirstData(from: $1) }
        let beginning = response.body.withBuffered { route.upstream.redacted(Array($0)) }
        let events = beginning.withUnsafeBytes { ErrorEvents($0) }
        guard let error = events.error, events.isCertain || error.isAlone else {
            throw Relay.refusal(of: response, .events, for: route)
        }
        meter.noteError(beginning)
        response.body.cancel()
        return wrapped(error, prelude, for: route)
    }

    private static func wrapped(_ error: ReportedError, _ prelude: Prelude, for route: Route) -> ProxyResponse {
        var prelude = head(prelude, of: error)
        prelude.fields[.contentType] = "application/json"
        return .whole(prelude, error.body(summary: ReportedError.summary(route.server.name)))
    }

    private static func head(_ prelude: Prelude, of error: ReportedError) -> Prelude {
        var prelude = prelude
        prelude.status = .init(code: error.status ?? 502)
        return prelude
    }
}

/// What a JSON response is, judged by its beginning.
enum JSONStart: Equatable {
    case answer
    /// It begins with an `error`, or is labeled as one.
    case error
    /// It begins with a member that errors have, but responses may have too.
    case perhapsError
    /// It is complete, and doesn't begin like a response or has an `error` later: all of it has to be read.
    case unclear
    case nothing(NoAnswer)

    /// - Parameters:
    ///   - bytes: the beginning.
    ///   - isWhole: whether nothing follows.
    init(_ bytes: UnsafeRawBufferPointer, isWhole: Bool) {
        let start = bytes.startOfContent
        guard start < bytes.count else {
            self = isWhole ? .nothing(.empty) : .answer
            return
        }
        guard let closer = bytes[start].closer else {
            self = .nothing(bytes.isPage ? .page : .noJSON)
            return
        }
        var probe = ErrorProbe(bytes: bytes, position: start)
        let tells = probe.find(isWhole: isWhole) ?? .answer
        let isCutOff = isWhole && tells != .error && bytes.isCutOff(from: start, closer)
        self = isCutOff ? .nothing(.cutOff) : tells
    }
}

/// What came with a success status instead of a usable response.
enum NoAnswer: Equatable {
    case empty, page, noJSON, cutOff
    /// Not a list of models, or one that is too long.
    case noList, longList
    /// A stream that wasn't asked for.
    case events
}

extension UnsafeRawBufferPointer {
    /// Whether it begins like HTML or XML.
    var isPage: Bool {
        let start = startOfContent
        return start < count && self[start] == UInt8(ascii: "<")
    }

    /// Whether the JSON at this offset is incomplete. What follows complete JSON, such as the NUL that some servers
    /// write, is left to the client.
    fileprivate func isCutOff(from start: Int, _ closer: UInt8) -> Bool {
        guard last(where: { !$0.isWhiteSpace }) != closer else { return false }
        var reader = JSONReader(Array(self[start...]), allowsNonFinite: true)
        return (try? reader.skipValue()) == nil
    }
}

extension UInt8 {
    /// The byte that closes a JSON object or array that begins with this one; nil if none does.
    var closer: UInt8? {
        switch self {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }
}

/// Reads the first member of an object, or of the first object in an array.
private struct ErrorProbe {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    /// The first members of responses: chat completions, embeddings, responses, models, moderations.
    private static let answerKeys: [StaticString] = [
        "\"id\"", "\"object\"", "\"choices\"", "\"created\"", "\"model\"", "\"data\"", "\"usage\"",
    ]

    /// - Returns: nil if it isn't an error.
    mutating func find(isWhole: Bool) -> JSONStart? {
        let isArray = bytes[position] == UInt8(ascii: "[")
        if isArray { _ = next() }
        guard next() == UInt8(ascii: "{") else { return nil }
        let start = position
        if reads(["\"error\""]), readsSomething() { return .error }
        position = start
        if reads(["\"object\"", "\"type\""]), readsColon(), reads(["\"error\""]) { return .error }
        position = start
        if reads(["\"errors\"", "\"error_code\"", "\"error_msg\""]), readsSomething() { return .perhapsError }
        position = start
        guard isWhole, !isArray else { return nil }
        return !reads(Self.answerKeys) || hasLaterError() ? .unclear : nil
    }

    /// Whether an `error` that isn't empty follows later.
    private mutating func hasLaterError() -> Bool {
        guard bytes.watchedWords.hasError else { return false }
        while let start = bytes.offset(of: "\"error\"", from: position) {
            position = start + 7
            if readsSomething() { return true }
        }
        return false
    }

    /// Whether a value follows that is neither empty nor false: some servers write `"error": null` into every response.
    private mutating func readsSomething() -> Bool {
        guard readsColon(), let first = next() else { return false }
        switch first {
        case UInt8(ascii: "n"), UInt8(ascii: "f"), UInt8(ascii: "0"): return false
        case UInt8(ascii: "\""): return position < bytes.count && bytes[position] != UInt8(ascii: "\"")
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            return next().map { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "]") } ?? false
        default: return true
        }
    }

    private mutating func readsColon() -> Bool { next() == UInt8(ascii: ":") }

    /// Whether one of these words follows.
    private mutating func reads(_ words: [StaticString]) -> Bool {
        position = bytes.endOfBlanks(from: position)
        guard let word = words.first(where: { bytes.has($0, at: position) }) else { return false }
        position += word.utf8CodeUnitCount
        return true
    }

    /// The next byte that isn't white space.
    private mutating func next() -> UInt8? {
        position = bytes.endOfBlanks(from: position)
        guard position < bytes.count else { return nil }
        position += 1
        return bytes[position - 1]
    }
}
