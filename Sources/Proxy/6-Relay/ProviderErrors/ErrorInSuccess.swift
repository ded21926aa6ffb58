import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// An error that a server sent with a successful status. It gets a status for which SDKs raise an exception.
enum ErrorInSuccess {
    /// Waits for the beginning of a JSON body, or for all of a short one.
    /// - Returns: nil if it is an answer. Its body is untouched.
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
        // What else an owner has opened may well answer with nothing but a message.
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

    /// Waits for the first event of a stream that wasn't asked for: SDKs would pass it on as one long string.
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

/// What a JSON response is, judged by how it begins.
enum JSONStart: Equatable {
    case answer
    /// It begins with an `error`, or says that it is one.
    case error
    /// It begins with a member that errors have, and perhaps an answer too.
    case perhapsError
    /// It is whole, and doesn't begin as answers do, or has an `error` further behind: all of it has to be read.
    case unclear
    case nothing(NoAnswer)

    /// - Parameters:
    ///   - bytes: the beginning.
    ///   - isWhole: nothing follows.
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

/// Why a successful status comes with no usable response: what its body is instead.
enum NoAnswer: Equatable {
    case empty, page, noJSON, cutOff
    /// Where a list of models was asked for.
    case noList, longList
    /// A stream that wasn't asked for.
    case events
}

extension UnsafeRawBufferPointer {
    /// Whether it begins as HTML and XML do.
    var isPage: Bool {
        let start = startOfContent
        return start < count && self[start] == UInt8(ascii: "<")
    }

    /// Whether the JSON that begins here has no end. What stands behind one, as some servers write a NUL there, is left
    /// to the client.
    fileprivate func isCutOff(from start: Int, _ closer: UInt8) -> Bool {
        guard last(where: { !$0.isWhiteSpace }) != closer else { return false }
        var reader = JSONReader(Array(self[start...]), allowsNonFinite: true)
        return (try? reader.skipValue()) == nil
    }
}

extension UInt8 {
    /// With what a JSON object or array ends that begins with this; nil if none does.
    var closer: UInt8? {
        switch self {
        case UInt8(ascii: "{"): UInt8(ascii: "}")
        case UInt8(ascii: "["): UInt8(ascii: "]")
        default: nil
        }
    }
}

/// Looks at the first member of an object, or of the first object in an array.
private struct ErrorProbe {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    /// With what answers begin: chat completions, embeddings, responses, models, moderations.
    private static let answerKeys: [StaticString] = [
        "\"id\"", "\"object\"", "\"choices\"", "\"created\"", "\"model\"", "\"data\"", "\"usage\"",
    ]

    /// - Returns: nil if it is no error.
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
        return !reads(Self.answerKeys) || hasErrorBehind() ? .unclear : nil
    }

    /// Whether an `error` that isn't empty stands further behind.
    private mutating func hasErrorBehind() -> Bool {
        guard bytes.watchedWords.hasError else { return false }
        while let start = bytes.offset(of: "\"error\"", from: position) {
            position = start + 7
            if readsSomething() { return true }
        }
        return false
    }

    /// Whether a value follows that is neither empty nor false: some servers write `"error": null` into every answer.
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
