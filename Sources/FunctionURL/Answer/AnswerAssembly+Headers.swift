extension AnswerAssembly.Format {
    /// What the headers of a `/response` say about its body.
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
