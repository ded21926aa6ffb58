import HTTPTypes

/// What every OpenAI-compatible provider serves and a client needs: open unless the table says more.
struct Endpoint {
    let pattern: EndpointPattern
    let operation: Operation
    let methods: [HTTPRequest.Method]
    /// Whether the table's model stands in where the body has none. Not for moderations, whose models are others.
    let takesModel: Bool
    /// What a client waits for in a stream from here.
    var streamEnd = StreamEnd.unmarked
    /// Whether a stream tells its usage only if `stream_options` ask for it.
    var hasUsageOption = false

    static let standard = [
        Endpoint(
            pattern: .init("chat/completions"), operation: .chat, methods: [.post], takesModel: true, streamEnd: .done,
            hasUsageOption: true),
        Endpoint(
            pattern: .init("completions"), operation: .textCompletion, methods: [.post], takesModel: true,
            streamEnd: .done, hasUsageOption: true),
        Endpoint(pattern: .init("embeddings"), operation: .embeddings, methods: [.post], takesModel: true),
        Endpoint(
            pattern: .init("responses"), operation: .responses, methods: [.post], takesModel: true, streamEnd: .response
        ),
        Endpoint(pattern: .init("moderations"), operation: .moderations, methods: [.post], takesModel: false),
        Endpoint(pattern: .init("models"), operation: .models, methods: [.get], takesModel: false),
        Endpoint(pattern: .init("models/*"), operation: .model, methods: [.get], takesModel: false),
    ]
}

/// A path below `/v1` that is open: `audio/speech`, or with a star at its end, `files/*`, also all that lies below
/// `files`.
package struct EndpointPattern: Sendable, Equatable {
    private let segments: [String]
    private let isPrefix: Bool

    package init(_ text: String) {
        var segments = text.split(separator: "/").map { String($0) }
        isPrefix = segments.last == "*"
        if isPrefix { segments.removeLast() }
        self.segments = segments
    }

    func matches(_ path: [RequestTarget.Segment]) -> Bool {
        guard isPrefix ? path.count >= segments.count : path.count == segments.count else { return false }
        return zip(path, segments).allSatisfy { $0.isNamed($1) }
    }

    /// What stands behind this in a longer path; nil if the path doesn't begin so.
    func rest(of path: [RequestTarget.Segment]) -> [RequestTarget.Segment]? {
        guard !isPrefix, path.count > segments.count, matches(Array(path.prefix(segments.count))) else { return nil }
        return Array(path.dropFirst(segments.count))
    }

    /// What stands before this in a path; nil if the path doesn't end so. Case and blanks don't matter.
    func base(of path: [RequestTarget.Segment]) -> ArraySlice<RequestTarget.Segment>? {
        guard !isPrefix, path.count >= segments.count else { return nil }
        guard zip(path.suffix(segments.count), segments).allSatisfy({ $0.isNamedAlmost($1) }) else { return nil }
        return path.dropLast(segments.count)
    }
}
