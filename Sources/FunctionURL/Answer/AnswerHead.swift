/// Status and headers of an answer, as the caller will see them.
struct AnswerHead: Equatable, Sendable {
    var status: Int
    var headers: [HeaderField]

    init(status: Int, headers: [HeaderField]) {
        self.status = status
        self.headers = headers
    }

    /// What AWS makes of a prelude: cookies become `Set-Cookie`; framing and the connection are AWS's own affair.
    init(_ prelude: Prelude) throws(Failure) {
        guard (200...599).contains(prelude.statusCode) else {
            throw .malformedAnswer("its statusCode is \(prelude.statusCode), not between 200 and 599")
        }
        for field in prelude.headers {
            guard Self.isToken(field.name) else { throw .malformedAnswer("it has a header named \"\(field.name)\"") }
        }
        let cookies = prelude.cookies.map { HeaderField("set-cookie", $0) }
        let fields = prelude.headers.withoutHopByHop.filter { $0.name.lowercased() != "content-length" } + cookies
        for field in fields {
            let isOneLine = field.value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
            guard isOneLine else { throw .malformedAnswer("its header \(field.name) has a control character") }
        }
        self.init(status: prelude.statusCode, headers: fields)
    }

    /// Whether HTTP lets this answer have a body at all.
    func mayHaveBody(toMethod method: String) -> Bool {
        method != "HEAD" && status != 204 && status != 304
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { tokenBytes.contains($0) }
    }
}

private let tokenBytes = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
