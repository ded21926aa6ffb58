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
        abstract: "A local Lambda function URL, REST API, HTTP API or load balancer.",
        discussion: """
            Starts a Lambda custom runtime (an executable, usually named `bootstrap`) as Lambda does, and passes it \
            HTTP requests as a function URL with InvokeMode RESPONSE_STREAM does. Every byte is forwarded as it \
            arrives. With --door, API Gateway or a load balancer stands in front instead. The runtime's log is shown on stderr. If the runtime exits, the next request starts it again. \
            Press Ctrl-C to stop both.

            When the port is open, one line is written to stdout:
              Function URL: http://127.0.0.1:9000
            With --door it begins with "REST API", "HTTP API" or "Load balancer".

            EXAMPLES
              function-url
                  runs the `bootstrap` in the same folder as function-url
              function-url ./my-runtime
                  runs another program
              function-url --port 0 --timeout 5 ./my-runtime
                  uses any free port, and ends an invocation after 5 seconds
              function-url --managed-instance --concurrency 50
                  runs one process that serves up to 50 concurrent requests
              function-url --door rest --api-key team=0123456789abcdefghij --rate 5 --burst 10 --quota 1000/day
                  is a REST API that streams, whose callers need this key, under a usage plan
              curl -N http://127.0.0.1:9000/some/path
                  sends a request from another terminal
            """)

    @Option(help: "The port to listen on; 0 for any free port.")
    var port = 9000

    @Option(help: "The address to listen on. Other machines can connect to any address but a loopback address.")
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "The timeout of an invocation, like the function's Timeout on AWS.", valueName: "seconds"))
    var timeout = 900.0

    @Option(
        help: ArgumentHelp(
            "The limit of concurrent requests; above it, callers get status 429, as on AWS.",
            discussion: "Each runs in its own process, which is started when all others are busy and then kept.",
            valueName: "n"))
    var concurrency = 10

    @Flag(
        help: """
            Run one process that serves all requests concurrently and set AWS_LAMBDA_MAX_CONCURRENCY, as Lambda \
            Managed Instances do.
            """)
    var managedInstance = false

    @Option(
        help: ArgumentHelp(
            "The SAM template with the CORS settings of the function URL. (default: ./template.yaml, if it exists)",
            discussion: """
                Without one, or without a Cors block in it, no CORS header is added, as on AWS. An HTTP API uses the \
                same block. REST APIs and load balancers add no CORS headers.
                """,
            valueName: "file"))
    var template: String?

    @OptionGroup(title: "Other doors")
    var doorOptions: DoorOptions

    @Flag(name: .shortAndLong, help: "Also log each invocation and the address of the Runtime API.")
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
        // Must come first, before any other thread exists.
        let signals = StopSignals()
        let log = Log(isVerbose: verbose)
        var settings = Settings(host: host, port: port, timeout: timeout, concurrency: concurrency)
        settings.isManagedInstance = managedInstance
        settings.region = ProcessInfo.processInfo.environment["AWS_REGION"] ?? settings.region
        settings.program = try runtimePath()
        settings.door = try doorOptions.makeDoor()
        settings.usagePlan = try doorOptions.usagePlan()
        // A door that adds no CORS headers needs no note that they are missing.
        if settings.door.cors(CORSConfiguration()) != nil { settings.cors = try readCORS(log) }
        let server = try serve(settings, log)
        print("\(settings.door.title): http://\(server.address.urlHost):\(server.address.port ?? 0)")
        fflush(nil)
        signals.wait()
        try server.stop()
    }

    private func serve(_ settings: Settings, _ log: Log) throws -> FunctionURLServer {
        do {
            return try FunctionURLServer(settings: settings, log: log)
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw StartError(
                "Port \(port) is in use by another program. Stop that program, or choose another port with --port.")
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
            let hint = program == nil ? " Build it, or pass the path of another runtime as the last argument." : ""
            throw StartError("There is no program \(path).\(hint)")
        }
        return path
    }

    private func readCORS(_ log: Log) throws -> CORSConfiguration? {
        let path = template ?? "template.yaml"
        guard template != nil || FileManager.default.fileExists(atPath: path) else {
            log.note(
                "no ./template.yaml, so no CORS headers: web pages can't call this. Pass a template with --template")
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
                    "\(path) has no Cors block, so no CORS headers: web pages can't call this. Pass another with --template"
                )
            }
            return template.cors
        } catch {
            throw StartError("\(path), line \(error.line): \(error.message)")
        }
    }
}

/// The settings. They don't change after the start.
struct Settings: Sendable {
    var host = "127.0.0.1"
    var port = 9000
    /// The timeout of one invocation, in seconds.
    var timeout = 900.0
    var concurrency = 10
    /// Whether one process serves all requests, with `AWS_LAMBDA_MAX_CONCURRENCY`, as on Lambda Managed Instances.
    var isManagedInstance = false
    /// The absolute path of the runtime.
    var program = ""
    var cors: CORSConfiguration?
    var door: any Door = FunctionURLDoor()
    var usagePlan: UsagePlan?
    var region = "us-east-1"
    var functionName = "local"

    /// AWS's limit for a request body, and for the event made from it, in bytes.
    static let requestLimit = 6 * 1024 * 1024
    /// AWS's limit for initialization, up to the first poll. Here it is only logged when exceeded, because debug builds
    /// are slow.
    static let initSeconds: Int64 = 10
    /// The time from SIGTERM to SIGKILL, as on AWS.
    static let shutdownMilliseconds: Int64 = 500

    var environmentLimit: Int { isManagedInstance ? 1 : concurrency }
    var invocationsPerEnvironment: Int { isManagedInstance ? concurrency : 1 }
    var functionARN: String { "arn:aws:lambda:\(region):000000000000:function:\(functionName)" }
}

/// The reason that the program can't start, with advice.
struct StartError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The signals that end this program. The main thread waits for them, so nothing runs inside a signal handler.
struct StopSignals {
    private var set = sigset_t()

    /// Call this before any thread is started: threads inherit the mask, and only `wait` should receive these signals.
    init() {
        sigemptyset(&set)
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            sigaddset(&set, signal)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // If the terminal or log pipe is closed, the program must still be able to end its children.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Blocks this thread until one of the signals arrives.
    func wait() {
        var set = set
        var received: Int32 = 0
        while sigwait(&set, &received) != 0 {}
    }
}
