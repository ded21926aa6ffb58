import ArgumentParser
import FoundationEssentials
import Glibc
import NIOCore
import YAML

/// The command line of `function-url`.
@main
struct FunctionURLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "function-url",
        abstract: "A Lambda function URL on this machine, which really streams.",
        discussion: """
            Starts a Lambda custom runtime (an executable, usually named `bootstrap`) as Lambda would, and gives it \
            HTTP requests as a function URL with InvokeMode RESPONSE_STREAM would. Every byte is passed on as it \
            comes. What the runtime writes to its log is shown here, on stderr; when it dies, the next request \
            starts it again. Stop with Ctrl-C: the runtime ends too.

            When the port is open, one line goes to stdout:
              Function URL: http://127.0.0.1:9000

            EXAMPLES
              function-url
                  runs the `bootstrap` that lies beside function-url
              function-url ./my-runtime
                  runs another program
              function-url --port 0 --timeout 5 ./my-runtime
                  takes any free port, and ends an invocation after 5 seconds
              function-url --managed-instance --concurrency 50
                  one process that serves 50 requests at once
              curl -N http://127.0.0.1:9000/some/path
                  calls it, from another terminal
            """)

    @Option(help: "The port to listen on; 0 for any that is free.")
    var port = 9000

    @Option(help: "The address to listen on. Anything but a loopback address lets other machines call in.")
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "How long one invocation may take, as the function's Timeout on AWS.", valueName: "seconds"))
    var timeout = 900.0

    @Option(
        help: ArgumentHelp(
            "How many requests may run at once; one more gets 429, as AWS throttles.",
            discussion: "Each takes a process of its own, started when all others are busy and then kept.",
            valueName: "n"))
    var concurrency = 10

    @Flag(
        help: """
            Run one process that takes all requests at once, told so by AWS_LAMBDA_MAX_CONCURRENCY, as on Lambda \
            Managed Instances.
            """)
    var managedInstance = false

    @Option(
        help: ArgumentHelp(
            "The SAM template whose FunctionUrlConfig has the CORS settings. (default: ./template.yaml, if it exists)",
            discussion: "Without one, or without a Cors block in it, no CORS header is added, as on AWS.",
            valueName: "file"))
    var template: String?

    @Flag(name: .shortAndLong, help: "Say more: each invocation, and where the Runtime API listens.")
    var verbose = false

    @Argument(help: "The runtime to start. (default: the `bootstrap` beside this program)")
    var program: String?

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port must be between 0 and 65535.") }
        guard (1...1000).contains(concurrency) else {
            throw ValidationError("--concurrency must be between 1 and 1000.")
        }
        guard timeout > 0, timeout <= 900 else {
            throw ValidationError("--timeout must be more than 0 and at most 900 seconds, as on AWS.")
        }
    }

    func run() throws {
        // First of all, before there is any other thread.
        let signals = StopSignals()
        let log = Log(isVerbose: verbose)
        var settings = Settings(host: host, port: port, timeout: timeout, concurrency: concurrency)
        settings.isManagedInstance = managedInstance
        settings.region = ProcessInfo.processInfo.environment["AWS_REGION"] ?? settings.region
        settings.program = try runtimePath()
        settings.cors = try readCORS(log)
        let server = try serve(settings, log)
        print("Function URL: http://\(server.address.urlHost):\(server.address.port ?? 0)")
        fflush(nil)
        signals.wait()
        try server.stop()
    }

    private func serve(_ settings: Settings, _ log: Log) throws -> FunctionURLServer {
        do {
            return try FunctionURLServer(settings: settings, log: log)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartError(
                "Port \(port) is in use by another program: stop that, or choose another with --port.")
        } catch {
            throw StartError("Can't listen on \(host), port \(port): \(error)")
        }
    }

    private func runtimePath() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let beside = String(own.prefix(through: own.lastIndex(of: "/") ?? own.startIndex)) + "bootstrap"
        let given = program ?? beside
        let folder = FileManager.default.currentDirectoryPath
        let path = given.hasPrefix("/") ? given : folder + "/" + given.trimmingPrefix("./")
        guard FileManager.default.isExecutableFile(atPath: path) else {
            let hint = program == nil ? " Build it, or name another runtime as the last argument." : ""
            throw StartError("There is no program \(path).\(hint)")
        }
        return path
    }

    private func readCORS(_ log: Log) throws -> CORSConfiguration? {
        let path = template ?? "template.yaml"
        guard template != nil || FileManager.default.fileExists(atPath: path) else {
            log.note(
                "no ./template.yaml, so no CORS headers: web pages can't call this. Name a template with --template")
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError("Can't read the template \(path).")
        }
        do {
            let template = try Template([UInt8](data))
            template.warnings.forEach { log.note("\(path), \($0)") }
            if template.cors == nil {
                log.note(
                    "\(path) has no Cors block, so no CORS headers: web pages can't call this. Name another with --template"
                )
            }
            return template.cors
        } catch {
            throw StartError("\(path), line \(error.line): \(error.message)")
        }
    }
}

/// Everything that was decided before the first connection.
struct Settings: Sendable {
    var host = "127.0.0.1"
    var port = 9000
    /// Seconds that one invocation may take.
    var timeout = 900.0
    var concurrency = 10
    /// One process with `AWS_LAMBDA_MAX_CONCURRENCY`, as on Lambda Managed Instances, instead of many.
    var isManagedInstance = false
    /// The absolute path of the runtime.
    var program = ""
    var cors: CORSConfiguration?
    var region = "us-east-1"
    var functionName = "local"

    /// What AWS refuses, as a body or as the event made of it.
    static let requestLimit = 6 * 1024 * 1024
    /// What AWS allows for the start, up to the first poll. Here a longer one is only remarked upon: debug builds.
    static let initSeconds: Int64 = 10
    /// From SIGTERM to SIGKILL, as on AWS.
    static let shutdownMilliseconds: Int64 = 500

    var environmentLimit: Int { isManagedInstance ? 1 : concurrency }
    var invocationsPerEnvironment: Int { isManagedInstance ? concurrency : 1 }
    var functionARN: String { "arn:aws:lambda:\(region):000000000000:function:\(functionName)" }
}

/// Why the program can't start, as a sentence that says what to do; the options themselves were understood.
struct StartError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The signals that end this program; received by waiting for them, so nothing runs inside a signal handler.
struct StopSignals {
    private var set = sigset_t()

    /// Call before any thread is started: threads inherit the mask, and only `wait` shall see these signals.
    init() {
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&set, signal)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A terminal or log pipe that is closed must not end the program before it has ended its children.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Blocks this thread until one of them comes.
    func wait() {
        var set = set
        var received: Int32 = 0
        while sigwait(&set, &received) != 0 {}
    }
}
