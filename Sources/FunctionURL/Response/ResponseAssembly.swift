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

    private let method: String
    private var state: State
    private let isRaw: Bool

    init(_ format: Format, requestMethod: String) {
        method = requestMethod
        isRaw = format == .raw
        state = format == .buffered ? .collecting([]) : .opening(PreludeParser())
    }

    mutating func receive(_ bytes: [UInt8]) throws(Failure) -> [Action] {
        switch state {
        case .collecting(let before):
            state = .collecting([])  // no second reference, so no copy
            guard before.count + bytes.count <= BufferedResponse.limit else { throw .responseTooLarge }
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
                return begin(try ResponseHead(prelude), rest: rest)
            }
        case .body(let mayHaveBody, let isEmpty):
            state = .body(mayHaveBody: mayHaveBody, isEmpty: isEmpty && bytes.isEmpty)
            return mayHaveBody && !bytes.isEmpty ? [.body(bytes)] : []
        }
    }

    mutating func finish() throws(Failure) -> [Action] {
        switch state {
        case .collecting(let document):
            let answer = try BufferedResponse(document)
            return begin(answer.head, rest: answer.body) + [.end]
        case .opening where isRaw:
            return begin(rawHead, rest: []) + [.warn(emptyBodyWarning), .end]
        case .opening:
            throw .malformedResponse("it ended within its prelude (JSON, then 8 NUL bytes)")
        case .body(_, let isEmpty):
            return isEmpty ? [.warn(emptyBodyWarning), .end] : [.end]
        }
    }

    private mutating func begin(_ head: ResponseHead, rest: [UInt8]) -> [Action] {
        let mayHaveBody = head.mayHaveBody(toMethod: method)
        state = .body(mayHaveBody: mayHaveBody, isEmpty: rest.isEmpty)
        return mayHaveBody && !rest.isEmpty ? [.head(head), .body(rest)] : [.head(head)]
    }
}

private let rawHead = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/octet-stream")])

private let emptyBodyWarning =
    "the streamed response has no body; on AWS it hangs until the timeout: send at least one byte"

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
