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
