import HTTPTypes
import JSONBytes
import LambdaRuntime
import Logging
import Synchronization
import Testing
import Transport

@testable import Proxy

/// The results of one request: what was sent to upstreams, what the caller got, and what was logged.
struct Heard {
    let calls: [ScriptedTransport.Call]
    let status: String
    let fields: [String: String]
    let body: String
    let log: [String]
    /// The lines of the record.
    let records: [String]
    /// After how long the response began, in milliseconds.
    let answered: Int64
    /// How long it took, in milliseconds.
    let duration: Int64

    /// Lets a proxy answer one request, in simulated time.
    /// - Parameters:
    ///   - timeLeft: until Lambda ends the invocation, in milliseconds.
    ///   - endsAfter: when the process begins to end, in milliseconds; nil for never.
    ///   - random: the value of all random numbers.
    ///   - settings: changes the table's settings.
    ///   - format: the format of the records.
    ///   - store: where usage is counted; nil for a new store.
    ///   - runtimeStatus: the Runtime API's status for the response.
    static func of(
        _ servers: [Server], _ steps: [ScriptedTransport.Step], method: String = "POST",
        path: String = "/a/v1/chat/completions", query: String = "", body: String = #"{"model":"gpt"}"#,
        key: String = "key-web", accept: String = "", timeLeft: Int64? = nil, endsAfter: Int? = nil,
        random: Double = 0.5,
        on loop: ManualLoop = ManualLoop(),
        format: Recorder.Format = .json,
        store: (any LimitStore)? = nil, playground: WebPage? = nil, runtimeStatus: Int = 202,
        settings change: (inout Settings) -> Void = { _ in }
    ) throws -> Heard {
        let transport = ScriptedTransport(loop, steps, runtimeStatus: runtimeStatus)
        let log = LogLines()
        let records = Mutex<[String]>([])
        var table = Samples.table(servers)
        change(&table.settings)
        let recorder = Recorder(function: "test", level: .debug, format: format) { line in
            records.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        }
        let page: (@Sendable () -> WebPage)? = if let playground { { playground } } else { nil }
        let proxy = Proxy(
            table, over: transport, timers: loop, store: store ?? MemoryStore { loop.now },
            logger: Logger(label: "test") { _ in log }, recorder: recorder, credentials: { Samples.credentials },
            now: { loop.now }, random: { random }, playground: page)
        let started = loop.now
        let invocation = try #require(
            Self.event(method, path, query, body, key, accept, deadline: timeLeft.map { started + $0 }))
        let client = RuntimeClient(address: ScriptedTransport.runtimeAPI, over: transport, now: { loop.now })
        if let endsAfter { _ = loop.schedule(after: endsAfter) { proxy.cancelAll() } }
        let delivery = try loop.run { await proxy.handle(invocation, ResponseWriter(invocation, client)) }
        #expect((delivery == .accepted) == (runtimeStatus == 202))
        let answer = try #require(transport.answers.last)
        let (status, fields) = try head(answer.prelude)
        return Heard(
            calls: transport.calls, status: status, fields: fields,
            body: String(decoding: answer.body, as: UTF8.self), log: log.lines, records: records.withLock { $0 },
            answered: answer.began - started, duration: loop.now - started)
    }

    /// - Returns: a request, as Lambda sends it.
    static func event(
        _ method: String, _ path: String, _ query: String, _ body: String, _ key: String, _ accept: String,
        deadline: Int64?
    ) -> Invocation? {
        let payload = JSONValue.object([
            ("rawPath", .string(path)), ("rawQueryString", .string(query)),
            ("headers", .object([("x-api-key", .string(key)), ("accept", .string(accept))])),
            ("requestContext", .object([("http", .object([("method", .string(method))]))])), ("body", .string(body)),
        ])
        var fields: HTTPFields = [.known("Lambda-Runtime-Aws-Request-Id"): "id-1"]
        fields[.known("Lambda-Runtime-Deadline-Ms")] = deadline.map { "\($0)" }
        return Invocation(fields: fields, payload: payload.serialized)
    }

    static func head(_ prelude: [UInt8]) throws -> (status: String, fields: [String: String]) {
        let json = Array(prelude.prefix { $0 != 0 })
        var status = ""
        var fields: [String: String] = [:]
        var reader = JSONReader(json)
        try reader.readObject { key, reader throws(JSONError) in
            guard key == "headers" else {
                status = String(decoding: json[try reader.skipValue()], as: UTF8.self)
                return
            }
            try reader.readObject { name, reader throws(JSONError) in fields[name.text] = try reader.readString() }
        }
        return (status, fields)
    }
}

/// Keeps log lines, with their metadata sorted by name.
final class LogLines: LogHandler {
    private let all = Mutex<[String]>([])
    var lines: [String] { all.withLock { $0 } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .info }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let members = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        all.withLock { $0.append("\(event.level): \(event.message)\(members)") }
    }
}
