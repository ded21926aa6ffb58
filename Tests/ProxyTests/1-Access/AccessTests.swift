import HTTPTypes
import Testing

@testable import Proxy

@Suite struct AccessTests {
    private func admit(_ fields: [(String, String)], anonymous: Bool = false) throws -> Caller {
        var all = HTTPFields()
        for (name, value) in fields { all.append(HTTPField(name: try #require(.init(name)), value: value)) }
        return try Access(Samples.table(anonymous: anonymous)).admit(all, at: 0)
    }

    @Test(
        "A client's key opens in any of the three headers",
        arguments: [
            [("authorization", "Bearer key-web")], [("authorization", "bearer key-web")], [("x-api-key", "key-web")],
            [("api-key", "key-web")], [("authorization", "Bearer jwt-of-the-front-end"), ("x-api-key", "key-web")],
            [("authorization", "Bearer   key-web")], [("authorization", "Bearer\tkey-web ")],
            [("authorization", " BEARER \t key-web\t")], [("x-api-key", " key-web\t")], [("api-key", "\tkey-web ")],
        ])
    func admitsClients(fields: [(String, String)]) throws {
        #expect(try admit(fields) == .client(Samples.web))
    }

    @Test("A key opens until the second in which it expires")
    func expires() throws {
        var table = Samples.table()
        table.settings.virtualKeys[0].expires = 1000
        let fields: HTTPFields = [.xAPIKey: "key-web"]
        #expect(try Access(table).admit(fields, at: 999_999).id == "web")
        #expect(throws: ProxyError.keyExpired("web")) { try Access(table).admit(fields, at: 1_000_000) }
        // It isn't anonymous: whoever still sends it should hear of it.
        table.settings.allowAnonymous = true
        #expect(throws: ProxyError.keyExpired("web")) { try Access(table).admit(fields, at: 1_000_000) }
    }

    @Test("Beside a key that has expired another may be good")
    func looksBehindExpired() throws {
        var table = Samples.table()
        table.settings.virtualKeys[0].expires = 1000
        let fields: HTTPFields = [.authorization: "Bearer key-web", .xAPIKey: "sk-b"]
        #expect(try Access(table).admit(fields, at: 1_000_000) == .owner(of: ["b"]))
    }

    @Test("A server's own token opens that server")
    func admitsOwners() throws {
        #expect(try admit([("authorization", "Bearer sk-b")]) == .owner(of: ["b"]))
    }

    @Test(
        "What is no key counts as none",
        arguments: [
            [], [("x-api-key", "")], [("x-api-key", " ")], [("api-key", "\t")], [("cookie", "key-web")],
            [("authorization", "key-web")], [("authorization", "\"Bearer key-web\"")], [("authorization", "")],
            [("authorization", "Basic key-web")], [("authorization", "Bearer")], [("authorization", "Bearer \t")],
            [("authorization", "Bearerkey-web")], [("authorization", "Bearers key-web")],
            [("authorization", "Bearer:key-web")], [("authorization", "B key-web")],
            [("authorization", "Basic key-web"), ("x-api-key", "")],
        ] as [[(String, String)]])
    func missesKeys(fields: [(String, String)]) {
        let hasAuthorization = fields.contains { $0.0 == "authorization" }
        #expect(throws: ProxyError.missingKey(hasAuthorization: hasAuthorization)) { try admit(fields) }
    }

    @Test(
        "Any other key is refused",
        arguments: [
            "Bearer key web", "Bearer KEY-WEB", "Bearer key-we", "Bearer key-webb", "Bearer \"key-web\"",
            "Bearer Bearer key-web", "Bearer key-web,Bearer key-web", "Bearer Bearer",
        ])
    func refuses(authorization: String) {
        let key = RejectedKey(Secret(String(authorization.dropFirst("Bearer ".count))))
        #expect(throws: ProxyError.invalidKey(key)) { try admit([("authorization", authorization)]) }
    }

    @Test("Of several keys that open nothing the first is spoken of")
    func speaksOfTheFirst() {
        let first = RejectedKey(Secret("the-first-of-three-keys"))
        let fields = [("x-api-key", "another-of-three-keys"), ("authorization", "Bearer the-first-of-three-keys")]
        #expect(throws: ProxyError.invalidKey(first)) { try admit(fields + [("api-key", "key")]) }
        #expect(throws: ProxyError.invalidKey(first)) {
            try admit([("authorization", "Basic a"), ("api-key", "the-first-of-three-keys")])
        }
    }

    @Test("With anonymous access everyone may, and known keys are still known")
    func admitsAnonymous() throws {
        #expect(try admit([], anonymous: true) == .anonymous)
        #expect(try admit([("x-api-key", "wrong")], anonymous: true) == .anonymous)
        #expect(try admit([("x-api-key", "key-web")], anonymous: true) == .client(Samples.web))
    }

    @Test("A digest is read from 64 hexadecimal digits and nothing else")
    func readsDigests() {
        let digits = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
        #expect(KeyDigest(hexadecimal: digits) == KeyDigest(of: Secret("foo")))
        #expect(KeyDigest(hexadecimal: digits.uppercased()) == KeyDigest(of: Secret("foo")))
        #expect(KeyDigest(hexadecimal: digits) != KeyDigest(of: Secret("fop")))
        for bad in ["", String(digits.dropLast()), digits + "0", "g" + digits.dropFirst(), "é" + digits.dropFirst()] {
            #expect(KeyDigest(hexadecimal: bad) == nil)
        }
    }

    @Test("Digests are equal only if every digit is", arguments: 0..<64)
    func comparesEveryDigit(position: Int) {
        var digits = Array(repeating: "0", count: 64)
        let zero = KeyDigest(hexadecimal: digits.joined())
        digits[position] = "1"
        #expect(KeyDigest(hexadecimal: digits.joined()) != zero)
        digits[(position + 32) % 64] = "1"
        #expect(KeyDigest(hexadecimal: digits.joined()) != zero)
    }

    @Test("None of many wrong keys opens")
    func refusesManyKeys() {
        for number in 0..<2000 {
            let key = RejectedKey(Secret("key-\(number)"))
            #expect(throws: ProxyError.invalidKey(key)) { try admit([("x-api-key", "key-\(number)")]) }
        }
    }

    @Test("A secret shows itself in no printed form")
    func hidesSecrets() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        dump(Samples.server("a") { $0.token = secret }, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), "\([secret])", "\(Optional(secret) as Any)", dumped] {
            #expect(!text.contains("hunter2"))
        }
    }
}
