import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct StoreTests {
    private static let server = "a: {url: http://a}\n"

    @Test(
        "The store is memory, or a table of DynamoDB",
        arguments: [
            ("", .memory), ("store:", .memory), ("store: memory", .memory), ("store: '${STORE:-memory}'", .memory),
            ("store: {dynamodb: {table: '${NONE:-}', region: eu-west-1}}", .memory),
            ("store: {dynamodb: {table: use}}", .dynamoDB(table: "use", region: nil, endpoint: nil)),
            (
                "store: {dynamodb: {table: '${T}', region: '', endpoint: ''}}",
                .dynamoDB(table: "A_b.c-9", region: nil, endpoint: nil)
            ),
            (
                "store: {dynamodb: {table: use, region: eu-west-1, endpoint: 'http://127.0.0.1:8000/'}}",
                .dynamoDB(table: "use", region: "eu-west-1", endpoint: "http://127.0.0.1:8000")
            ),
        ] as [(String, StoreLocation)])
    func readsStore(line: String, place: StoreLocation) throws {
        #expect(try load("\(Self.server)settings:\n  \(line)", ["T": "A_b.c-9"]).table.settings.store == place)
    }

    @Test(
        "Requests pass without the store unless the owner denies it",
        arguments: ["": true, "allow": true, "deny": false])
    func readsPolicy(word: String, allows: Bool) throws {
        let table = "\(Self.server)settings:\n  on_store_error: \(word)"
        #expect(try load(table).table.settings.allowsWithoutStore == allows)
    }

    /// The lines below `settings`, from line 3.
    private static let refused: [(String, Int, String)] = [
        ("store: redis", 3, "settings: 'store' can't be 'redis'; use 'memory' or '{dynamodb: {table: …}}'"),
        ("store: dynamodb", 3, "settings: 'store' can't be 'dynamodb'; use 'memory' or '{dynamodb: {table"),
        ("store: [memory]", 3, "'store' must be a single value"),
        ("store: {}", 3, "'store' is empty; use 'memory' or '{dynamodb: {table: …}}'"),
        ("store: {dynamo: {}}", 3, "'store' of settings has an unknown key 'dynamo'; did you mean 'dynamodb'?"),
        ("store:\n    dynamodb:", 4, "'store' of settings: 'dynamodb' needs 'table' below it"),
        ("store:\n    dynamodb: use", 4, "must be a mapping of keys: table, region, endpoint"),
        ("store:\n    dynamodb: {}", 4, "'table' is missing; give the name of a DynamoDB table"),
        ("store:\n    dynamodb:\n      tabel: x", 5, "did you mean 'table'?"),
        ("store:\n    dynamodb:\n      table: ab", 5, "'table' must be 3 to 255 letters, digits, '_', '.' and '-'"),
        ("store:\n    dynamodb:\n      table: a b c", 5, "'table' must be 3 to 255 letters"),
        ("store:\n    dynamodb:\n      table: \(String(repeating: "a", count: 256))", 5, "'table' must be 3 to 255"),
        ("store:\n    dynamodb:\n      table: use\n      region: eu west", 6, "'region' must be the name of a region"),
        ("store:\n    dynamodb:\n      table: use\n      endpoint: dynamo", 6, "'endpoint' must begin with https://"),
        ("store:\n    dynamodb:\n      table: ${X}", 3, "settings: 'store' needs X, which is not set"),
        ("store:\n    dynamodb: {table: use, region: '${X}'}", 3, "settings: 'store' needs X, which is not set"),
        ("store:\n    dynamodb: {table: use, endpoint: 'http://${X}'}", 3, "'store' needs X, which is not set"),
        ("store: ${X}", 3, "settings: 'store' needs X, which is not set"),
        ("on_store_error: maybe", 3, "settings: 'on_store_error' must be 'allow' or 'deny'"),
        ("on_store_error: ${X}", 3, "settings: 'on_store_error' needs X, which is not set"),
        ("stor: memory", 3, "did you mean 'store'?"),
    ]

    @Test("An invalid store is refused with its line", arguments: refused)
    func refuses(lines: String, line: Int, message: String) throws {
        try Refusal("\(Self.server)settings:\n  \(lines)", line, message).expect()
    }
}
