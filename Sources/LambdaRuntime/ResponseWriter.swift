package import Transport

/// The right to answer one invocation, once: each way to answer uses it up, and the compiler counts.
package struct ResponseWriter: ~Copyable {
    private let invocation: Invocation
    private let client: RuntimeClient
    private let cancellation: Cancellation

    /// - Parameter cancellation: ends the answer, whole or not.
    package init(_ invocation: Invocation, _ client: RuntimeClient, _ cancellation: Cancellation = Cancellation()) {
        self.invocation = invocation
        self.client = client
        self.cancellation = cancellation
    }

    /// Sends the prelude now and the body as the pipe brings it.
    package consuming func stream(_ prelude: Prelude, _ body: BodyPipe) async -> Delivery {
        await client.respond(to: invocation, prelude, body: body, cancellation)
    }

    /// Sends an answer that is complete.
    package consuming func send(_ prelude: Prelude, _ body: [UInt8]) async -> Delivery {
        let pipe = BodyPipe()
        pipe.write(body)
        pipe.finish(nil)
        return await stream(prelude, pipe)
    }

    /// Says that the invocation has failed. For events that no HTTP answer fits.
    package consuming func fail(_ error: InvocationError) async -> Delivery {
        await client.fail(invocation, error, cancellation)
    }
}
