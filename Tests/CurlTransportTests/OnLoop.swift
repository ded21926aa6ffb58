import Transport

@testable import CurlTransport

/// Code that runs on a loop, as the program's policy does.
actor OnLoop {
    private let loop: CurlLoop

    private init(_ loop: CurlLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    struct NoLoop: Error {}

    /// Runs `body` on a loop of its own, which ends with it.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OnLoop, CurlLoop) async throws -> Value
    ) async throws -> Value {
        guard let loop = CurlLoop() else { throw NoLoop() }
        BackgroundThread.start { loop.run() }
        defer { loop.stop() }
        // As the program does it: the loop is the task's executor too, so nothing of the task runs elsewhere.
        return try await Task.detached(executorPreference: loop) { try await body(OnLoop(loop), loop) }.value
    }
}
