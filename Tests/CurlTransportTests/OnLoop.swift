import ScriptedUpstream
import Transport

@testable import CurlTransport

/// Code that runs on a loop, like the program's policy.
actor OnLoop {
    private let loop: CurlLoop

    private init(_ loop: CurlLoop) { self.loop = loop }

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    struct NoLoop: Error {}

    /// Runs `body` on a new loop, which ends with it.
    static func run<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OnLoop, CurlLoop) async throws -> Value
    ) async throws -> Value {
        guard let loop = CurlLoop() else { throw NoLoop() }
        BackgroundThread.start { loop.run() }
        defer { loop.stop() }
        // As in the program, the loop is also the task's executor, so no part of the task runs elsewhere.
        return try await Task.detached(executorPreference: loop) { try await body(OnLoop(loop), loop) }.value
    }
}
