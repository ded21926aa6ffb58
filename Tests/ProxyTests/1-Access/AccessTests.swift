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
        "A client's key is accepted in any of the three headers",
        arguments: [
            [("authorization", "Bearer key-web")], [("authorization", "bearer key-web")], [("x-api-key", "key-web")],
            [("api-key", "key-web")], [("authorization", "Bearer jwt-of-the-front-end"), ("x-api-key", "key-web")],
            [("authorization", "Bearer   key-web")], [("authorization", "Bearer\tkey-web ")],
            [("authorization", " BEARER \t key-web\t")], [("x-api-key", " key-web\t")], [("api-key", "\tkey-web ")],
        ])
    func admitsClients(fields: [(String, String)]) throws {
        #expect(try admit(fields) == .client(Samples.web))
    }

    @Test("A key is accepted until the second in which it expires")
    func expires() throws {
        var table = Samples.table()
        table.settings.virtualKeys[0].expires = 1000
        let fields: HTTPFields = [.xAPIKey: "key-web"]
        #expect(try Access(table).admit(fields, at: 999_999).id == "web")
        #expect(throws: ProxyError.keyExpired("web")) { try Access(table).admit(fields, at: 1_000_000) }
        // It isn't treated as anonymous, so that its sender learns that it has expired.
        table.settings.allowAnonymous = true
        #expect(throws: ProxyError.keyExpired("web")) { try Access(table).admit(fields, at: 1_000_000) }
    }

    @Test("An expired key doesn't invalidate another key of the request")
    func looksBehindExpired() throws {
        var table = Samples.table()
        table.settings.virtualKeys[0].expires = 1000
        let fields: HTTPFields = [.authorization: "Bearer key-web", .xAPIKey: "sk-b"]
        #expect(try Access(table).admit(fields, at: 1_000_000) == .owner(of: ["b"]))
    }

    @Test("A server's token gives access to that server")
    func admitsOwners() throws {
        #expect(try admit([("authorization", "Bearer sk-b")]) == .owner(of: ["b"]))
    }

    @Test(
        "A header without a key counts as no key",
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

    @Test("If several keys are unknown, the error is about the first")
    func speaksOfTheFirst() {
        let first = RejectedKey(Secret("the-first-of-three-keys"))
        let fields = [("x-api-key", "another-of-three-keys"), ("authorization", "Bearer the-first-of-three-keys")]
        #expect(throws: ProxyError.invalidKey(first)) { try admit(fields + [("api-key", "key")]) }
        #expect(throws: ProxyError.invalidKey(first)) {
            try admit([("authorization", "Basic a"), ("api-key", "the-first-of-three-keys")])
        }
    }

    @Test("Anonymous access lets everyone in, and known keys are still recognized")
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

    @Test("None of many wrong keys is accepted")
    func refusesManyKeys() {
        for number in 0..<2000 {
            let key = RejectedKey(Secret("key-\(number)"))
            #expect(throws: ProxyError.invalidKey(key)) { try admit([("x-api-key", "key-\(number)")]) }
        }
    }

    @Test("A secret never prints")
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
