import HTTPTypes
import JSONBytes
import LambdaRuntime
import Logging
import Synchronization
import Testing
import Transport

@testable import Proxy

/// A proxy with a cache that answers several requests, in simulated time.
final class CachedProxy {
    /// What one request got.
    struct Answer: Sendable {
        let status: String
        let fields: [String: String]
        let body: String
        /// The members of its record, as they are written.
        let record: [String: String]

        /// `Cache-Status` without the proxy's name.
        var cache: String? { fields["cache-status"].map { String($0.dropFirst("lambda-openai-proxy; ".count)) } }
    }

    /// What a caller sends.
    struct Request: Sendable {
        var body = #"{"model":"m","messages":[]}"#
        var path = "/a/v1/chat/completions"
        var cacheControl: String?
        var key = "key-web"
        /// When it is sent, after the first request of the group. In milliseconds.
        var delay = 0
        /// Until Lambda ends the invocation; nil for no limit. In milliseconds.
        var timeLeft: Int64?
    }

    /// A layer that may be slow to answer.
    ///
    /// `@unchecked Sendable`: used on the loop only.
    final class Layer: CacheLayer, @unchecked Sendable {
        var entries: [CacheKey: [UInt8]] = [:]
        private(set) var reads = 0
        /// When the last entry may be removed, in seconds since 1970.
        private(set) var expires: Int64?
        private let delay: Int
        private let loop: ManualLoop

        init(_ loop: ManualLoop, delay: Int = 0) { (self.loop, self.delay) = (loop, delay) }

        func read(_ key: CacheKey, upTo limit: Int, for request: TimedRequest? = nil) async throws(StoreError)
            -> [UInt8]?
        {
            reads += 1
            try? await loop.sleep(for: delay, Cancellation())
            return entries[key]
        }

        func write(_ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?) async throws(StoreError) {
            entries[key] = entry
            self.expires = expires
        }

        func remove(_ key: CacheKey, for request: TimedRequest? = nil) async throws(StoreError) { entries[key] = nil }
    }

    let loop: ManualLoop
    let transport: ScriptedTransport
    private let log = LogLines()
    private let records: Records
    private let proxy: Proxy
    private var count = 0

    /// `@unchecked Sendable`: used on the loop only.
    private final class Records: @unchecked Sendable {
        var lines: [[UInt8]] = []
    }

    /// - Parameters:
    ///   - servers: those without a policy aren't cached.
    ///   - change: changes the table's settings.
    init(
        _ servers: [Server], _ steps: [ScriptedTransport.Step],
        on loop: ManualLoop = ManualLoop(now: 1_795_287_942_000),
        layers: [CacheLayerName: any CacheLayer] = [:], settings change: (inout Settings) -> Void = { _ in }
    ) {
        self.loop = loop
        let (transport, log, records) = (ScriptedTransport(loop, steps), log, Records())
        (self.transport, self.records) = (transport, records)
        var table = Samples.table(servers)
        change(&table.settings)
        proxy = Proxy(
            table, over: transport, timers: loop, store: MemoryStore { loop.now },
            logger: Logger(label: "test") { _ in log },
            recorder: Recorder(function: "test", level: .debug) { records.lines.append($0) },
            now: { loop.now }, random: { 0.5 }, cacheLayers: layers)
    }

    /// A server whose responses are cached.
    static func server(
        _ change: (inout CachePolicy) -> Void = { _ in }, server changeServer: (inout Server) -> Void = { _ in }
    ) -> Server {
        var policy = CachePolicy()
        change(&policy)
        return Samples.server("a") {
            ($0.cache, $0.retries) = (policy, 0)
            changeServer(&$0)
        }
    }

    /// Moves the clock.
    func wait(_ milliseconds: Int) throws {
        try loop.run { [loop] in try await loop.sleep(for: milliseconds, Cancellation()) }
    }

    func ask(_ change: (inout Request) -> Void = { _ in }) throws -> Answer {
        var request = Request()
        change(&request)
        return try #require(try ask([request]).first)
    }

    /// Sends requests at the same time.
    func ask(_ requests: [Request]) throws -> [Answer] {
        let ids = requests.indices.map { "id-\(count + $0)" }
        count += requests.count
        let invocations = try zip(ids, requests).map { try Self.invocation($0, $1, at: loop.now) }
        try loop.run { [loop, proxy, transport] in
            await withTaskGroup(of: Void.self) { group in
                for (invocation, request) in zip(invocations, requests) {
                    group.addTask(executorPreference: loop) {
                        if request.delay > 0 { try? await loop.sleep(for: request.delay, Cancellation()) }
                        let client = RuntimeClient(
                            address: ScriptedTransport.runtimeAPI, over: transport, now: { loop.now })
                        _ = await proxy.handle(invocation, ResponseWriter(invocation, client))
                    }
                }
            }
        }
        return try ids.map { try answer($0) }
    }

    private func answer(_ id: String) throws -> Answer {
        let answer = try #require(transport.answers.first { $0.url.contains("/\(id)/") })
        let all = try records.lines.map { try jsonMembers(of: $0) }
        let record = try #require(all.first { $0["request_id"] == "\"\(id)\"" })
        let (status, fields) = try Heard.head(answer.prelude)
        return Answer(
            status: status, fields: fields, body: String(decoding: answer.body, as: UTF8.self), record: record)
    }

    private static func invocation(_ id: String, _ request: Request, at now: Int64) throws -> Invocation {
        var headers = [("x-api-key", JSONValue.string(request.key))]
        if let text = request.cacheControl { headers.append(("cache-control", .string(text))) }
        let payload = JSONValue.object([
            ("rawPath", .string(request.path)), ("rawQueryString", .string("")), ("headers", .object(headers)),
            ("requestContext", .object([("http", .object([("method", .string("POST"))]))])),
            ("body", .string(request.body)),
        ])
        var fields: HTTPFields = [.known("Lambda-Runtime-Aws-Request-Id"): id]
        fields[.known("Lambda-Runtime-Deadline-Ms")] = request.timeLeft.map { "\(now + Int64(request.delay) + $0)" }
        return try #require(Invocation(fields: fields, payload: payload.serialized))
    }
}
