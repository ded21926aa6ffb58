/// Turns the bytes of a runtime's `/response` into the caller's response, piece by piece.
///
///     opening ──head──▶ body ──finish──▶ (done)
struct ResponseAssembly {
    enum Format: Equatable {
        /// Streamed, with a prelude.
        case integration
        /// Streamed without the content type that announces a prelude: every byte belongs to the body.
        case raw
        /// One JSON document.
        case buffered
    }

    /// What a door does with the bytes.
    enum Reading: Equatable {
        /// A prelude, then the body.
        case prelude
        /// A prelude; what follows is lost.
        case headOnly
        /// The body.
        case body
        /// One JSON document.
        case document
    }

    enum Action: Equatable {
        case head(ResponseHead)
        case body([UInt8])
        case end
        case warn(String)
    }

    private enum State {
        case opening(PreludeParser)
        case collecting([UInt8])
        case body(mayHaveBody: Bool, isEmpty: Bool)
    }

    private let door: any Door
    private let format: Format
    private let reading: Reading
    private let method: String
    private let accept: String?
    private var state: State
    private var isRaw: Bool { reading == .body }

    /// - Parameter accept: the request's `Accept` header.
    init(_ format: Format, requestMethod: String, accept: String? = nil, door: any Door) {
        self.door = door
        self.format = format
        self.accept = accept
        reading = door.reading(of: format)
        method = requestMethod
        state = reading == .document ? .collecting([]) : .opening(PreludeParser())
    }

    mutating func receive(_ bytes: [UInt8]) throws(Failure) -> [Action] {
        switch state {
        case .collecting(let before):
            state = .collecting([])  // no second reference, so no copy
            guard before.count + bytes.count <= BufferedResponse.limit else {
                throw .responseTooLarge(limit: BufferedResponse.limit)
            }
            state = .collecting(before + bytes)
            return []
        case .opening where isRaw:
            return begin(rawHead, rest: bytes)
        case .opening(var parser):
            switch try parser.receive(bytes) {
            case .needMore:
                state = .opening(parser)
                return []
            case .prelude(let prelude, let rest):
                return begin(try door.head(prelude), rest: rest)
            }
        case .body(let mayHaveBody, let isEmpty):
            state = .body(mayHaveBody: mayHaveBody, isEmpty: isEmpty && bytes.isEmpty)
            return mayHaveBody && !bytes.isEmpty ? [.body(bytes)] : []
        }
    }

    mutating func finish() throws(Failure) -> [Action] {
        switch state {
        case .collecting(let document):
            guard format == .buffered else { throw .malformedResponse(streamedSentence) }
            var answer = try door.response(document, accept: accept)
            // A function URL that streams sends chunks, also for a response in one piece.
            answer.head.length = door.streams ? nil : answer.body.count
            return begin(answer.head, rest: answer.body) + [.end]
        case .opening where isRaw:
            return begin(rawHead, rest: []) + [.warn(emptyBodyWarning), .end]
        case .opening:
            throw .malformedResponse("it ended within its prelude (JSON, then 8 NUL bytes)")
        case .body where reading == .headOnly:
            return [.warn("its body is lost: \(streamedSentence)"), .end]
        case .body(_, let isEmpty):
            return isEmpty ? [.warn(emptyBodyWarning), .end] : [.end]
        }
    }

    private mutating func begin(_ head: ResponseHead, rest: [UInt8]) -> [Action] {
        let mayHaveBody = head.mayHaveBody(toMethod: method) && reading != .headOnly
        state = .body(mayHaveBody: mayHaveBody, isEmpty: rest.isEmpty)
        return mayHaveBody && !rest.isEmpty ? [.head(head), .body(rest)] : [.head(head)]
    }
}

private let rawHead = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/octet-stream")])

private let streamedSentence =
    "the function streamed, and this door takes one JSON document; for a REST API, set PROXY_REST_TRANSFER=buffer"

private let emptyBodyWarning =
    "the streamed response has no body; a function URL on AWS hangs then until the timeout: send at least one byte"

extension ResponseAssembly.Format {
    /// The format of a `/response`, according to its headers.
    init(_ headers: [HeaderField]) throws(Failure) {
        switch headers.first("lambda-runtime-function-response-mode") {
        case nil: self = .buffered
        case "streaming"?:
            let type = headers.first("content-type")?.lowercased().prefix { $0 != ";" && $0 != " " }
            self = type == "application/vnd.awslambda.http-integration-response" ? .integration : .raw
        case let mode?: throw .wrongResponseMode(mode)
        }
    }
}
