import Digests
import HTTPTypes
import Proxy
import Synchronization
import Testing
import Transport

@testable import DynamoDBStore

@Suite struct CacheTests {
    private static let key = CacheKey(Array(repeating: 0xAB, count: 32))
    private static let id = "cache#" + String(repeating: "ab", count: 32)
    private static let later = Samples.now + 60
    private static let part = DynamoDBCache.longestPart

    private static func cache(
        _ transport: any HTTPTransport, now: @escaping @Sendable () -> Int64 = { Samples.now * 1000 }
    ) -> DynamoDBCache {
        DynamoDBCache(
            in: DynamoDBStore(
                table: "limits", region: "eu-west-1", endpoint: nil, Samples.credentials, over: transport, now: now),
            random: { 255 })
    }

    private static func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) } }

    private static func head(_ data: [UInt8], parts: Int = 0, expires: Int64 = later) -> ScriptedDynamoDB.Step {
        head(
            #""data":{"B":"\#(Base64.encode(data))"},"parts":{"N":"\#(parts)"},"part_id":{"S":"x"},"#
                + #""expires":{"N":"\#(expires)"}"#)
    }

    private static func head(_ attributes: String) -> ScriptedDynamoDB.Step {
        .answer(200, #"{"Item":{"id":{"S":"\#(id)"},\#(attributes)}}"#)
    }

    /// Stores items, as DynamoDB does.
    private final class Table: HTTPTransport {
        private let state = Mutex<(items: [String: [UInt8]], calls: [String])>(([:], []))
        var calls: [String] { state.withLock { $0.calls } }
        var ids: [String] { state.withLock { $0.items.keys.sorted() } }

        func forget(_ id: String) { state.withLock { _ = $0.items.removeValue(forKey: id) } }

        func open(_ request: TransportRequest) async throws(TransportError) -> TransportResponse {
            guard case .bytes(let body) = request.body else { throw TransportError(.refused, "") }
            let beginning = String(decoding: body.prefix(200), as: UTF8.self)
            let id = String(beginning.split(separator: #""id":{"S":""#)[1].prefix { $0 != "\"" })
            let target = String(request.fields[.amzTarget]?.split(separator: ".").last ?? "")
            let pipe = BodyPipe(highMark: 1 << 20)
            state.withLock { state in
                state.calls.append("\(target) \(id)")
                if target == "PutItem" {
                    state.items[id] = Array(body.dropFirst(#"{"TableName":"limits","Item":"#.utf8.count).dropLast())
                }
                if target == "DeleteItem" { state.items[id] = nil }
                let item = target == "GetItem" ? state.items[id] : nil
                pipe.write(item.map { Array(#"{"Item":"#.utf8) + $0 + Array("}".utf8) } ?? Array("{}".utf8))
            }
            pipe.finish(nil)
            return TransportResponse(status: .ok, fields: [:], body: pipe)
        }
    }

    @Test("A lookup that finds nothing is one read, which needn't be consistent and may take a second")
    func misses() async throws {
        let dynamoDB = ScriptedDynamoDB([.answer(200, "{}")])
        #expect(try await Self.cache(dynamoDB).read(Self.key, upTo: 1000) == nil)
        #expect(dynamoDB.bodies == [#"{"TableName":"limits","Key":{"id":{"S":"\#(Self.id)"}}}"#])
        let request = try #require(dynamoDB.requests.first)
        #expect(request.fields[.amzTarget] == "DynamoDB_20120810.GetItem")
        #expect(request.limits.connect == 500 && request.limits.total == 1000)
    }

    @Test("A short entry is one item, and is removed with one call")
    func storesShort() async throws {
        let dynamoDB = ScriptedDynamoDB([.answer(200, "{}"), .answer(200, "{}")])
        let cache = Self.cache(dynamoDB)
        try await cache.write([1, 2, 3], for: Self.key, expires: 77, within: 400)
        try await cache.remove(Self.key)
        let nonce = String(Samples.now * 1000, radix: 16) + "-ff"
        #expect(
            dynamoDB.bodies == [
                #"{"TableName":"limits","Item":{"id":{"S":"\#(Self.id)"},"data":{"B":"AQID"},"parts":{"N":"0"},"#
                    + #""part_id":{"S":"\#(nonce)"},"expires":{"N":"77"}}}"#,
                #"{"TableName":"limits","Key":{"id":{"S":"\#(Self.id)"}}}"#,
            ])
        #expect(dynamoDB.requests.map { $0.limits.total } == [400, 1000])
    }

    @Test(
        "An entry of any length is read as it was written, and its first item is written last",
        arguments: [(0, 0), (1, 0), (part, 0), (part + 1, 1), (3 * part, 2), (6 * part + 5, 6)])
    func keeps(length: Int, parts: Int) async throws {
        let table = Table()
        let entry = Self.bytes(length)
        try await Self.cache(table).write(entry, for: Self.key, expires: Self.later, within: nil)
        #expect(table.calls.count == parts + 1 && table.calls.last == "PutItem \(Self.id)")
        #expect(try await Self.cache(table).read(Self.key, upTo: length) == entry)
        #expect(table.calls.count == 2 * (parts + 1))
        if length > 0 { #expect(try await Self.cache(table).read(Self.key, upTo: length - 1) == []) }
        if let part = table.ids.last(where: { $0 != Self.id }) {
            table.forget(part)
            #expect(try await Self.cache(table).read(Self.key, upTo: length) == [])
        }
    }

    @Test("An entry that has expired counts as absent, though DynamoDB still has it", arguments: [0, -1] as [Int64])
    func expires(by seconds: Int64) async throws {
        let dynamoDB = ScriptedDynamoDB([Self.head([1], expires: Samples.now + seconds)])
        #expect(try await Self.cache(dynamoDB).read(Self.key, upTo: 1000) == nil)
    }

    @Test(
        "An entry that can't be used is empty, and no parts are read",
        arguments: [
            #""expires":{"N":"9999999999"}"#,
            #""data":{"S":"AQID"},"parts":{"N":"0"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":"AQI"},"parts":{"N":"0"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":7},"parts":{"N":"0"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":"AQID"},"parts":{"N":"-1"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":"AQID"},"parts":{"N":"1"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":"AQID"},"parts":{"N":"9223372036854775807"},"part_id":{"S":"x"},"expires":{"N":"9999999999"}"#,
            #""data":{"B":"AQID"},"parts":{"N":"0"},"part_id":{"S":"x"},"expires":{"N":"soon"}"#,
            #""data":{"B":"AQID"},"parts":{"N":"0"},"expires":{"N":"9999999999"}"#,
        ])
    func distrusts(attributes: String) async throws {
        let dynamoDB = ScriptedDynamoDB([Self.head(attributes)])
        #expect(try await Self.cache(dynamoDB).read(Self.key, upTo: 1000) == [])
        #expect(dynamoDB.requests.count == 1)
    }

    @Test(
        "A response for another item, or one that isn't DynamoDB's, is an error",
        arguments: ["", "<html>", #"{"Item":{"id":{"S":"cache#other"}}}"#, #"{"Item":{}}"#, #"{"Item":{"data":7}}"#])
    func refuses(body: String) async throws {
        let dynamoDB = ScriptedDynamoDB([.answer(200, body)])
        let error = await #expect(throws: StoreError.self) { try await Self.cache(dynamoDB).read(Self.key, upTo: 9) }
        #expect(error?.isSilent == false)
    }

    @Test("An error names the permission that is missing, and a part that can't be written ends the write")
    func names() async throws {
        let denied = ScriptedDynamoDB.Step.answer(400, #"{"__type":"x#AccessDeniedException"}"#)
        let dynamoDB = ScriptedDynamoDB(Array(repeating: denied, count: 9))
        let cache = Self.cache(dynamoDB)
        let errors = [
            await #expect(throws: StoreError.self) { _ = try await cache.read(Self.key, upTo: 9) },
            await #expect(throws: StoreError.self) { try await cache.remove(Self.key) },
            await #expect(throws: StoreError.self) {
                try await cache.write(Self.bytes(2 * Self.part), for: Self.key, expires: 1, within: nil)
            },
        ]
        for (error, name) in zip(errors, ["GetItem", "DeleteItem", "PutItem"]) {
            #expect(error?.detail.contains("needs dynamodb:\(name) on the table 'limits'") == true)
        }
        #expect(dynamoDB.requests.count == 3)
    }

    @Test("All calls of a lookup together have a second")
    func bounds() async throws {
        let time = Mutex(Samples.now * 1000)
        // Each look at the clock takes 300 ms.
        let now: @Sendable () -> Int64 = {
            time.withLock { time in
                time += 300; return time
            }
        }
        let dynamoDB = ScriptedDynamoDB([Self.head(Self.bytes(9), parts: 1)])
        let error = await #expect(throws: StoreError.self) {
            try await Self.cache(dynamoDB, now: now).read(Self.key, upTo: 1 << 20)
        }
        #expect(error?.detail.contains("enough time") == true)
        #expect(dynamoDB.requests.count == 1)
    }
}
