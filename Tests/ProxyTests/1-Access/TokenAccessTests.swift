import HTTPTypes
import JSONWebTokens
import Logging
import Testing
import Transport

@testable import Proxy

@Suite struct TokenAccessTests {
    /// A table whose users are let in, and its clock.
    private struct Door {
        let loop = ManualLoop()
        let access: Access

        init(_ issuers: [TokenIssuer] = [SignedToken.tokenIssuer()], _ change: (inout Settings) -> Void = { _ in }) {
            var table = Samples.table()
            table.settings.tokenIssuers = issuers
            change(&table.settings)
            let loop = loop
            let tokens = TokenAccess(
                table.settings, over: ScriptedTransport(loop, []), loop, Logger(label: "test") { _ in LogLines() }
            ) { loop.now }
            access = Access(table, tokens)
        }

        func caller(_ fields: HTTPFields) throws -> Caller {
            let (loop, access) = (loop, access)
            return try loop.run {
                try await access.admit(
                    fields, presenting: Access.presentedKeys(fields),
                    for: TimedRequest(cancellation: Cancellation(), deadline: nil), at: loop.now)
            }
        }

        func user(_ token: String) throws -> User {
            guard case .user(let user) = try caller([.authorization: "Bearer \(token)"]) else {
                throw ProxyError.missingKey(hasAuthorization: true)
            }
            return user
        }

        func wait(seconds: Int) throws {
            let loop = loop
            try loop.run { try await loop.sleep(for: seconds * 1000, Cancellation()) }
        }
    }

    @Test(
        "A token is accepted where a key is",
        arguments: [HTTPField.Name.authorization, .xAPIKey, .apiKey])
    func admits(name: HTTPField.Name) throws {
        let token = SignedToken.text()
        let caller = try Door().caller([name: name == .authorization ? "Bearer \(token)" : token])
        #expect(caller.id == "backend")
        // One of another header may be anything.
        #expect(try Door().caller([.authorization: "Bearer \(token)", .xAPIKey: "nonsense"]).id == "backend")
        #expect(try Door().caller([.authorization: "Bearer \(token)x", .xAPIKey: token]).id == "backend")
    }

    @Test("A key takes precedence over a token, and a token over nobody")
    func prefers() throws {
        let token = SignedToken.text()
        #expect(try Door().caller([.authorization: "Bearer \(token)", .xAPIKey: "key-web"]).id == "web")
        let open = Door { $0.allowAnonymous = true }
        #expect(try open.caller([.xAPIKey: token]).id == "backend")
        #expect(throws: ProxyError.invalidToken(.wrongSignature)) { try open.caller([.xAPIKey: token + "AAAA"]) }
        #expect(try open.caller([.xAPIKey: "nonsense"]) == .anonymous)
        // A key that happens to look like a token.
        let key = Door { $0.virtualKeys[0].digest = KeyDigest(of: Secret(token)) }
        #expect(try key.caller([.xAPIKey: token]).id == "web")
        // Without issuers it is only an unknown key.
        #expect(throws: ProxyError.invalidKey(RejectedKey(Secret(token)))) { try Door([]).caller([.xAPIKey: token]) }
    }

    @Test("A verified token is remembered, but not longer than it is valid")
    func forgets() throws {
        // The clock begins at second 1000.
        let door = Door()
        let token = SignedToken.text(expires: 1010)
        #expect(try door.user(token).expires == 1010)
        try door.wait(seconds: 69)
        _ = try door.user(token)
        try door.wait(seconds: 1)
        #expect(throws: ProxyError.invalidToken(.expired)) { try door.user(token) }
    }

    @Test("Only the whole token is remembered")
    func comparesAll() throws {
        let door = Door()
        let token = SignedToken.text()
        _ = try door.user(token)
        for index in token.utf8.indices {
            var other = Array(token.utf8)
            let offset = token.utf8.distance(from: token.utf8.startIndex, to: index)
            other[offset] = other[offset] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(throws: (any Error).self) { try door.user(String(decoding: other, as: UTF8.self)) }
        }
        #expect(throws: (any Error).self) { try door.user(String(token.dropLast())) }
    }

    @Test("An ID is hidden by a hash that depends on the owner's key and on the issuer")
    func hashes() throws {
        let door = { (key: String) in Door { $0.userIDKey = Secret(key) } }
        let ann = try door("one").user(SignedToken.text("ann")).id
        #expect(ann.utf8.count == 32 && !ann.contains("ann"))
        #expect(try door("one").user(SignedToken.text("ann", expires: 2000)).id == ann)
        #expect(try door("two").user(SignedToken.text("ann")).id != ann)
        #expect(try door("one").user(SignedToken.text("bob")).id != ann)
        #expect(try Door().user(SignedToken.text("ann")).id != ann)
    }

    @Test("Where the owner wants to see users, they are shown, and no ID can be taken for another's")
    func showsUsers() throws {
        let door = Door([SignedToken.tokenIssuer { $0.logsUsers = true }])
        let user = try door.user(SignedToken.text("a/b ü"))
        #expect(user.shownID == "a/b ü" && user.id == "a%2Fb%20%C3%BC")
    }

    @Test("The first plan that fits a token gives the limits and permissions")
    func choosesPlan() throws {
        var (most, paid) = (CallerLimits(), CallerLimits())
        most.quotaSet.parallel = 1
        paid.quotaSet.parallel = 9
        var permissions = Permissions()
        permissions.allowedServers = ["b"]
        let issuer = SignedToken.tokenIssuer {
            $0.userLimits = most
            $0.plans = [
                UserPlan(name: "staff", [ClaimRequirement("groups", in: ["staff"])], Permissions(), CallerLimits()),
                UserPlan(name: "pro", [ClaimRequirement("plan", in: ["pro", "max"])], permissions, paid),
            ]
        }
        let door = Door([issuer])
        func check(_ claims: String, _ plan: String?, parallel: Int?, _ servers: Set<String>?) throws {
            let user = try door.user(SignedToken.text("ann", claims))
            #expect(user.plan == plan && user.permissions.allowedServers == servers)
            #expect(user.limits.first?.limits.quotaSet.parallel == parallel)
        }
        try check(#""plan":"max""#, "pro", parallel: 9, ["b"])
        try check(#""plan":"free""#, nil, parallel: 1, nil)
        try check(#""plan":"pro","groups":["x","staff"]"#, "staff", parallel: nil, nil)
    }

    @Test("A date beyond all calendars doesn't trap")
    func survivesFarDates() throws {
        let heard = try Heard.of(
            [Samples.server("a")], [], method: "GET", path: "/v1/me", key: SignedToken.text(expires: 999_999_999_999)
        ) { $0.tokenIssuers = [SignedToken.tokenIssuer()] }
        #expect(heard.body.contains(#""expires_at":"9999-12-31T23:59:59.000Z""#))
    }
}
