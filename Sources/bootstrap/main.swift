import AWSSignature
import CurlTransport
import DynamoDBStore
import FileCache
import Glibc
import LambdaRuntime
import Logging
import Proxy
import ProxyConfiguration

let environment = ProcessEnvironment.read()

guard let address = environment["AWS_LAMBDA_RUNTIME_API"], !address.isEmpty else {
    ConsoleLog.write(
        "bootstrap: this is the program that AWS Lambda starts; to try it on this machine, use 'make run' "
            + "(AWS_LAMBDA_RUNTIME_API is not set).\n")
    exit(2)
}
guard let loop = CurlLoop(certificates: CertificateStore(environment)) else {
    ConsoleLog.write("bootstrap: libcurl can't be initialized; is there enough memory?\n")
    exit(1)
}

let logger = Logger(label: "proxy") { _ in ConsoleLog(environment) }

/// Loads the table and serves requests. If either fails, the process ends.
func serve() async {
    let client = RuntimeClient(address: address, over: loop, now: WallClock.now)
    let loaded: LoadedTable
    do throws(ConfigurationError) {
        let file = try ConfigurationFile(in: environment)
        loaded = try LoadedTable(parsing: file.text, file: file.path, environment: environment)
    } catch {
        _ = await client.failInit(InvocationError("InvalidConfiguration", "\(error)"))
        logger.critical("\(error)")
        exit(1)
    }
    for warning in loaded.warnings { logger.warning("\(warning)") }
    let store = limitStore(for: loaded.table.settings)
    let recorder = Recorder(
        function: environment["AWS_LAMBDA_FUNCTION_NAME"] ?? "local", level: logger.logLevel,
        format: LogFormat(environment).record
    ) { ConsoleLog.write($0, to: STDOUT_FILENO) }
    let page: @Sendable () -> WebPage = { .playground(for: loaded.table.settings) }
    let proxy = Proxy(
        loaded.table, over: loop, timers: loop, store: store, logger: logger, recorder: recorder,
        credentials: { AWSCredentials(ProcessEnvironment.read(AWSCredentials.variables)) }, now: WallClock.now,
        cacheLayers: cacheLayers(for: loaded.table, store),
        playground: loaded.table.hasPlayground(environment) ? page : nil)
    let runtime = Runtime(on: loop, client, proxy, loop)
    let shutdown = Shutdown(on: loop, runtime, cancelRequests: { proxy.cancelAll() }) { failure in
        guard let failure else { exit(0) }
        logger.critical("\(failure.message)")
        exit(1)
    }
    Termination.notice(on: loop) { shutdown.begin() }
    await awaitNotice(of: client)
    await Preconnect.run(loaded.table, over: loop, logger)
    DescriptorLimit.raise()
    let slots = environment["AWS_LAMBDA_MAX_CONCURRENCY"].flatMap { Int($0) } ?? 1
    if let failure = await runtime.run(slots: slots) { shutdown.begin(failure) }
}

func limitStore(for settings: Settings) -> any LimitStore {
    switch settings.store {
    case .memory: MemoryStore(now: WallClock.now)
    case .dynamoDB(let table, let region, let endpoint):
        DynamoDBStore(
            table: table, region: region ?? environment["AWS_REGION"] ?? "us-east-1", endpoint: endpoint,
            AWSCredentials(environment), over: loop, now: WallClock.now)
    }
}

/// Makes the layers of the cache outside of this process that some server uses.
/// - Parameter store: where usage is counted; the layer in DynamoDB uses its table.
func cacheLayers(for table: ServerTable, _ store: any LimitStore) -> [CacheLayerName: any CacheLayer] {
    var layers: [CacheLayerName: any CacheLayer] = [:]
    for name in table.servers.flatMap({ $0.cache?.layers ?? [] }) where layers[name] == nil {
        layers[name] = cacheLayer(name, table.settings, store)
    }
    return layers
}

/// - Returns: nil for the memory of this process, and for DynamoDB if the table names no table there.
func cacheLayer(_ name: CacheLayerName, _ settings: Settings, _ store: any LimitStore) -> (any CacheLayer)? {
    switch name {
    case .memory: nil
    case .tmp:
        FileCache(
            folder: "\(environment["TMPDIR"] ?? "/tmp")/lambda-openai-proxy-cache", capacity: settings.cacheSizes.tmp)
    case .dynamoDB:
        (store as? DynamoDBStore).map { DynamoDBCache(in: $0, random: { UInt64.random(in: .min ... .max) }) }
    }
}

/// Registers an extension, so that Lambda sends SIGTERM before it ends the environment.
func awaitNotice(of client: RuntimeClient) async {
    guard let identifier = await client.registerExtension(name: "proxy") else {
        return logger.debug("the Runtime API doesn't support extensions, so no SIGTERM will announce the end")
    }
    Task.detached(executorPreference: loop) { await client.awaitEvents(of: identifier) }
}

Heap.keepForNextRequest()
// A write to a closed connection must fail with an error instead of ending the process.
signal(SIGPIPE, SIG_IGN)

Task.detached(executorPreference: loop) { await serve() }
loop.run()
