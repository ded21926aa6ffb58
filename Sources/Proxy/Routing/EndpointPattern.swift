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

    /// Whether a longer path ends like this.
    func isEnd(of path: [RequestTarget.Segment]) -> Bool {
        !isPrefix && path.count > segments.count && matches(Array(path.suffix(segments.count)))
    }
}
