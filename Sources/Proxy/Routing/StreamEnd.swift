/// How a stream of events says that it is whole. Without such a mark a stream that was cut off looks like a short one.
enum StreamEnd {
    /// It doesn't: it just ends.
    case unmarked
    /// By `data: [DONE]`.
    case done
    /// By an event with the last state of the response, as the Responses API has it; or by `data: [DONE]`.
    case response

    static let failedState: StaticString = "response.failed"
    static let lastStates: [StaticString] = ["response.completed", "response.incomplete", failedState]
}
