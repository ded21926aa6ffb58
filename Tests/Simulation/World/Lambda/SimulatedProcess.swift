import AWSSignature
import DynamoDBStore
import HTTPTypes
import LambdaRuntime
import Logging
import Proxy
import Transport

/// One process of the program, put together as `main.swift` does it.
final class SimulatedProcess: @unchecked Sendable {
    let number: Int
    /// Its clock, in milliseconds from the true time.
    let skew: Int
    private unowned let life: Life
    private(set) lazy var api = SimulatedRuntimeAPI(life, self, life.draw.of(.poll, number))
    private(set) lazy var loop: SimulatedLoop = {
        let (provider, issuer) = (SimulatedProvider(life, process: number), IssuerServer(life))
        return SimulatedLoop(life.schedule) { [unowned self, unowned life] request in
            // Behind "http://". Only the issuer has "https://".
            switch request.url.utf8.dropFirst(7).first {
            case UInt8(ascii: "r"): api
            case UInt8(ascii: "u"): provider
            case UInt8(ascii: "d"): life.store
            case UInt8(ascii: "/"): issuer
            default: nil
            }
        }
    }()
    private(set) var isAlive = true
    private var shutdown: Shutdown?

    /// - Parameter number: 0 and up; successors of processes that have ended have numbers of their own.
    init(_ number: Int, skew: Int, in life: Life) {
        (self.number, self.skew, self.life) = (number, skew, life)
    }

    func start() {
        let (loop, skew, number) = (loop, Int64(skew), number)
        unowned let life = life
        let schedule = life.schedule
        let now: @Sendable () -> Int64 = { schedule.now + skew }
        let random = DrawBox(life.draw.of(.random, number))
        let client = RuntimeClient(address: "r0.test", over: loop, now: now)
        let logger = Logger(label: "proxy") { _ in SimulatedLog(life, number) }
        let recorder = Recorder(function: "simulated", level: .debug) { [unowned self, unowned life] in
            // The tasks of a process that has ended run on, unseen.
            if isAlive { life.note(record: $0, number) }
        }
        let store = limitStore(now)
        let proxy = Proxy(
            life.loaded, over: loop, timers: loop, store: store, logger: logger, recorder: recorder,
            credentials: { AWSCredentials(FunctionEnvironment.credentials) }, now: now, random: { random.fraction() },
            cacheLayers: cacheLayers(store, random))
        let runtime = Runtime(on: loop, client, proxy, loop)
        let shutdown = Shutdown(on: loop, runtime, cancelRequests: { proxy.cancelAll() }) { [unowned self] failure in
            exit(failure)
        }
        self.shutdown = shutdown
        let slots = life.plan.slots
        let table = life.loaded
        loop.spawn {
            if let identifier = await client.registerExtension(name: "proxy") {
                loop.spawn { await client.awaitEvents(of: identifier) }
            }
            await Preconnect.run(table, over: loop, logger)
            let failure = await runtime.run(slots: slots)
            life.noteReturn(of: number)
            guard let failure else { return }
            life.noteFailure(of: number)
            shutdown.begin(failure)
        }
    }

    private func limitStore(_ now: @escaping @Sendable () -> Int64) -> any LimitStore {
        guard life.table.usesDynamoDB else { return MemoryStore(now: now) }
        return DynamoDBStore(
            table: "limits", region: FunctionEnvironment.region, endpoint: "http://d.test",
            AWSCredentials(FunctionEnvironment.credentials),
            over: loop, now: now)
    }

    private func cacheLayers(_ store: any LimitStore, _ random: DrawBox) -> [CacheLayerName: any CacheLayer] {
        let caches = life.table.servers.compactMap(\.cache)
        var layers: [CacheLayerName: any CacheLayer] = [:]
        if caches.contains(where: \.usesFolder) {
            layers[.tmp] = SimulatedFolder(life.draw.of(.folder, number), faults: life.plan.folderFaults)
        }
        if caches.contains(where: \.usesDynamoDB), let store = store as? DynamoDBStore {
            layers[.dynamoDB] = DynamoDBCache(in: store, random: { random.bits() })
        }
        return layers
    }

    // MARK: Ends

    /// Lambda sends SIGTERM.
    func terminate() {
        guard isAlive else { return }
        life.trace("lambda", "sends SIGTERM to process \(number)")
        thaw()
        life.noteTermination(of: number)
        loop.spawn { [self] in shutdown?.begin() }
    }

    /// The process vanishes.
    func kill() {
        guard isAlive else { return }
        life.trace("lambda", "kills process \(number)")
        life.noteKill(of: number)
        end()
    }

    private func exit(_ failure: RuntimeFailure?) {
        guard isAlive else { return }
        life.trace("process \(number)", "exits: \(failure?.message ?? "SIGTERM")")
        life.noteExit(of: number)
        end()
    }

    private func end() {
        isAlive = false
        shutdown = nil
        loop.die()
        life.replace(self)
    }

    func freeze() { loop.freeze() }

    func thaw() { loop.thaw() }
}

/// A sequence of draws that several closures share.
///
/// `@unchecked Sendable`: a life runs on one thread.
final class DrawBox: @unchecked Sendable {
    private var draw: Draw

    init(_ draw: Draw) { self.draw = draw }

    func fraction() -> Double { draw.fraction() }
    func bits() -> UInt64 { draw.bits() }
}

/// The log of a process, which must not contain secrets.
struct SimulatedLog: LogHandler {
    private unowned let life: Life
    private let process: Int
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level

    init(_ life: Life, _ process: Int) {
        (self.life, self.process) = (life, process)
        logLevel = life.keepsLog ? .debug : .critical
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let notes = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        life.note(log: "\(event.message)\(notes)", process)
    }
}
