import FoundationEssentials
import Glibc
import NIOCore
import NIOPosix

/// Starts environments: opens a Runtime API, and starts a process with its address.
///
/// Confined to the event loop.
final class Launcher {
    struct LaunchError: Error {
        var reason: String
    }

    private let settings: Settings
    private let log: Log
    private let loop: any EventLoop
    /// One thread for each process waits for its exit.
    private let waiters: NIOThreadPool
    /// The Runtime API addresses of environments that were started before.
    private var addresses: [Int: String] = [:]

    init(settings: Settings, log: Log, loop: any EventLoop) {
        self.settings = settings
        self.log = log
        self.loop = loop
        waiters = NIOThreadPool(numberOfThreads: settings.environmentLimit)
        waiters.start()
    }

    func launch(_ environment: Environment, then done: @escaping (Result<ChildProcess, LaunchError>) -> Void) {
        if let address = addresses[environment.number] {
            return done(spawn(environment, address: address))
        }
        let bound = RuntimeServer.bind(environment, loop: loop)
        bound.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                let address = "127.0.0.1:\(channel.localAddress?.port ?? 0)"
                self.addresses[environment.number] = address
                self.log.detail("Runtime API of environment \(environment.number): http://\(address)")
                done(self.spawn(environment, address: address))
            case .failure(let error):
                done(.failure(LaunchError(reason: "can't listen for its Runtime API: \(error)")))
            }
        }
    }

    private func spawn(_ environment: Environment, address: String) -> Result<ChildProcess, LaunchError> {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            return .failure(LaunchError(reason: "can't open a pipe for its log: \(String(cString: strerror(errno)))"))
        }
        defer { close(ends[1]) }
        show(ends[0], of: environment)
        let variables = ChildEnvironment.make(
            inherited: ProcessInfo.processInfo.environment, settings: settings, apiAddress: address,
            workingDirectory: FileManager.default.currentDirectoryPath, label: String(environment.number),
            isTerminal: isatty(STDERR_FILENO) == 1)
        do {
            let child = try ChildProcess(program: settings.program, environment: variables, output: ends[1])
            child.exit(on: loop, pool: waiters).assumeIsolated()
                .whenSuccess { environment.exited($0) }
            return .success(child)
        } catch {
            return .failure(LaunchError(reason: "\(settings.program): \(error.sentence)"))
        }
    }

    /// Shows what is written to a pipe. The event loop takes over the descriptor.
    private func show(_ descriptor: CInt, of environment: Environment) {
        let log = log
        let label = settings.environmentLimit > 1 && environment.number > 1 ? String(environment.number) : nil
        _ = NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        ChildOutput { log.runtime($0, label: label) })
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
    }
}

/// The environment variables of a runtime, as Lambda sets them.
///
/// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
enum ChildEnvironment {
    /// - Parameter isTerminal: whether the runtime's output is shown on a terminal.
    static func make(
        inherited: [String: String], settings: Settings, apiAddress: String, workingDirectory: String, label: String,
        isTerminal: Bool = false
    ) -> [String: String] {
        var variables = inherited
        let own = [
            "AWS_LAMBDA_RUNTIME_API": apiAddress,
            "AWS_LAMBDA_FUNCTION_NAME": settings.functionName,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/\(settings.functionName)",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local/[$LATEST]\(label)",
            "AWS_LAMBDA_INITIALIZATION_TYPE": settings.isManagedInstance ? "lambda-managed-instances" : "on-demand",
            "_HANDLER": "bootstrap",
            // The SAM CLI sets this, too, to say that the function runs on a developer's machine.
            "AWS_SAM_LOCAL": "true",
        ]
        variables.merge(own) { _, own in own }
        let defaults = [
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_REGION": settings.region,
            "AWS_DEFAULT_REGION": settings.region,
            "LAMBDA_TASK_ROOT": workingDirectory,
        ]
        variables.merge(defaults) { inherited, _ in inherited }
        variables.merge(settings.door.runtimeVariables) { inherited, _ in inherited }
        // The runtime's stderr is a pipe, so it can't detect the terminal itself.
        if isTerminal, inherited["TERM"] != "dumb", variables["FORCE_COLOR"] == nil { variables["FORCE_COLOR"] = "1" }
        variables["AWS_LAMBDA_MAX_CONCURRENCY"] = settings.isManagedInstance ? String(settings.concurrency) : nil
        return variables
    }
}
