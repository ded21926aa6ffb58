/// What a function does with its invocations.
package protocol InvocationHandler: Sendable {
    /// Answers one invocation. There is no other way out than through the writer.
    func handle(_ invocation: Invocation, _ writer: consuming ResponseWriter) async -> Delivery
}
