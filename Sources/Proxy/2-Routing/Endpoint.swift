import HTTPTypes

/// An endpoint that every OpenAI-compatible provider has. These are open by default; the table can open more.
struct Endpoint {
    let pattern: EndpointPattern
    let operation: Operation
    let methods: [HTTPRequest.Method]
    /// Whether the table's model is filled in if the body names none. Not for moderations, which use other models.
    let takesModel: Bool
    /// The mark that a client waits for in a stream.
    var streamEnd = StreamEnd.unmarked
    /// Whether a stream reports its usage only if `stream_options` request it.
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

/// A path below `/v1` that is open, such as `audio/speech`. With a star at the end, as in `files/*`, it includes all
/// paths below.
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

    /// What follows this in a longer path; nil if the path doesn't begin with it.
    func rest(of path: [RequestTarget.Segment]) -> [RequestTarget.Segment]? {
        guard !isPrefix, path.count > segments.count, matches(Array(path.prefix(segments.count))) else { return nil }
        return Array(path.dropFirst(segments.count))
    }

    /// What precedes this in a path; nil if the path doesn't end with it. Ignores case and spaces.
    func base(of path: [RequestTarget.Segment]) -> ArraySlice<RequestTarget.Segment>? {
        guard !isPrefix, path.count >= segments.count else { return nil }
        guard zip(path.suffix(segments.count), segments).allSatisfy({ $0.isNamedAlmost($1) }) else { return nil }
        return path.dropLast(segments.count)
    }
}
