/// What is asked for, in the words of OpenTelemetry's `gen_ai.operation.name` where it has one.
enum Operation: String {
    case chat
    case textCompletion = "text_completion"
    case embeddings, responses, moderations
    /// The list of a server's models, and one of them.
    case models, model
    case health
    case other
}
