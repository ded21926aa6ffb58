import Testing

@testable import Proxy
@testable import ProxyConfiguration

/// What `settings.token_issuers` may not have.
@Suite struct TokenIssuerRefusalTests {
    private static let secret = TokenIssuerTests.secret
    private static let published = "- issuer: https://i.example\n      client_ids: [c]\n      "
    private static let shared = "- issuer: backend\n      secret: \(secret)\n      "

    /// Lists of issuers, of which the first line is line 4, the lines of their errors, and their messages.
    private static let names: [(String, Int, String)] = [
        ("- {}", 4, "a token issuer: 'issuer' is missing; write the exact 'iss' of its tokens"),
        ("- issuer:", 4, "a token issuer: 'issuer' is missing; write the exact 'iss' of its tokens"),
        ("- issuer: ' '", 4, "a token issuer: 'issuer' is missing; write the exact 'iss' of its tokens"),
        ("- issuer: [a]", 4, "a token issuer: 'issuer' must be a single value"),
        ("- backend", 4, "a token issuer must be a mapping of keys: issuer, secret, secrets, jwks_url, audiences"),
        (
            "- isuer: a", 4,
            "a token issuer has an unknown key 'isuer'; did you mean 'issuer'?"
        ),
        (
            "\(shared)audience: [a]", 6,
            "a token issuer has an unknown key 'audience'; did you mean 'audiences'?"
        ),
        (
            "- issuer: backend\n      client_ids: [c]", 4,
            "'issuer' must begin with https://, unless the issuer shares a 'secret' with this proxy"
        ),
        (
            "- issuer: https://i x\n      audiences: [a]", 4,
            "'issuer' must not have spaces, '#' or non-ASCII characters"
        ),
        (
            "- issuer: https://i#x\n      audiences: [a]", 4,
            "'issuer' must not have spaces, '#' or non-ASCII characters"
        ),
        ("- issuer: https://i?x\n      audiences: [a]", 4, "'issuer' must not have '?'"),
        ("- issuer: https:///x\n      audiences: [a]", 4, "'issuer' has no host"),
        ("- issuer: https://u:p@i\n      audiences: [a]", 4, "'issuer' must not have a user or password"),
        ("- issuer: https://i:0\n      audiences: [a]", 4, "'issuer' must have a host, optionally followed by a port"),
        (
            "- issuer: http://i.example\n      audiences: [a]", 4,
            "'issuer' must begin with https://; only this machine (localhost, 127.0.0.1, [::1]) may have http://"
        ),
        ("- issuer: http://127.0.0.1.example\n      audiences: [a]", 4, "only this machine"),
        ("- issuer: http://127.0.0.256\n      audiences: [a]", 4, "only this machine"),
        ("- issuer: http://localhost.example\n      audiences: [a]", 4, "only this machine"),
        ("- issuer: 'http://[::2]'\n      audiences: [a]", 4, "only this machine"),
        (
            "- issuer: https://{{ tenant }}/\n      audiences: [a]", 4,
            "'issuer' looks like a reference in another program's syntax"
        ),
        ("- issuer: käse\n      secret: \(secret)", 4, "'issuer' must be 1 to 256 printable ASCII characters"),
        ("- issuer: \"a\\tb\"\n      secret: \(secret)", 4, "'issuer' must be 1 to 256 printable ASCII characters"),
        (
            "- issuer: \(String(repeating: "a", count: 257))\n      secret: \(secret)", 4,
            "'issuer' must be 1 to 256 printable ASCII characters"
        ),
        (
            "- issuer: owner\n      secret: \(secret)", 4,
            "'issuer' can't be 'owner', which the log uses for callers without"
        ),
        ("- issuer: none\n      secret: \(secret)", 4, "'issuer' can't be 'none'"),
        ("- issuer: anonymous\n      secret: \(secret)", 4, "'issuer' can't be 'anonymous'"),
        (
            "\(shared)rpm: 1\n    - issuer: backend\n      secret: '${X}'", 7,
            "'issuer' 'backend' is listed twice; make one entry of both"
        ),
    ]

    private static let keys: [(String, Int, String)] = [
        ("\(shared)jwks_url: https://i", 6, "'jwks_url' can't be combined with 'secret'; remove one of them"),
        ("\(shared)secrets: [\(secret)]", 6, "'secrets' can't be combined with 'secret'; remove one of them"),
        (
            "- issuer: b\n      secret:", 5,
            "'secret' is empty; write ${NAME} to read it from the environment variable NAME"
        ),
        ("- issuer: b\n      secrets:", 5, "'secrets' is empty; write ${NAME}"),
        ("- issuer: b\n      secrets: []", 5, "'secrets' is an empty list; add a secret"),
        ("- issuer: b\n      secrets: \(secret)", 5, "'secrets' must be a list"),
        (
            "- issuer: b\n      secret: \(String(secret.dropLast()))", 5,
            "'secret' is shorter than 32 bytes, so it can be guessed; make a longer one with 'openssl rand -hex 32'"
        ),
        ("- issuer: b\n      secrets:\n      - \(secret)\n      - short", 7, "'secrets' is shorter than 32 bytes"),
        ("- issuer: b\n      secrets:\n      - \(secret)\n      - \(secret)", 7, "'secrets' has the same secret twice"),
        (
            "- issuer: b\n      secrets: ['${A}', '${B}', '${C}']", 5,
            "'secrets' has 3 secrets; keep at most two: the new one and the old one"
        ),
        ("- issuer: b\n      secret: os.environ/TOKEN_SECRET_OF_THE_BACKEND", 5, "'secret' looks like a reference"),
        ("- issuer: b\n      secrets: [os.environ/TOKEN_SECRET_OF_THE_BACKEND]", 5, "'secrets' looks like a reference"),
        ("- issuer: b\n      secret: \"0123456789abcdef\\n0123456789abcdef\"", 5, "'secret' contains a line break"),
        ("\(published)jwks_url: http://i.example/k", 6, "'jwks_url' must begin with https://; only this machine"),
        ("\(published)jwks_url: ftp://i.example/k", 6, "'jwks_url' must begin with https://"),
        (
            "\(published)jwks_url: https://i.example/#k", 6,
            "'jwks_url' must not have spaces, '#' or non-ASCII characters"
        ),
        ("\(published)algorithms: []", 6, "'algorithms' is empty; list some, or remove it for RS256, ES256"),
        ("\(shared)algorithms:", 6, "'algorithms' is empty; list some, or remove it for HS256"),
        ("\(published)algorithms: RS256", 6, "'algorithms' must be a list"),
        (
            "\(published)algorithms:\n      - rs256", 7,
            "'algorithms' has an unknown algorithm 'rs256'; did you mean 'RS256'?"
        ),
        (
            "\(published)algorithms: [none]", 6,
            "'algorithms' has an unknown algorithm 'none'; expected one of: RS256, RS384"
        ),
        (
            "\(published)algorithms:\n      - RS256\n      - HS256", 8,
            "'algorithms' has 'HS256', which needs a 'secret', not a published key; remove it"
        ),
        ("\(shared)algorithms: [RS256]", 6, "'algorithms' has 'RS256', which can't use a secret; remove it"),
        ("\(published)algorithms: [RS256, RS256]", 6, "'algorithms' has 'RS256' twice; remove one"),
    ]

    private static let rules: [(String, Int, String)] = [
        (
            "- issuer: https://i.example", 4,
            "a token issuer: 'audiences' or 'client_ids' must be given: without them, tokens that the issuer has made "
                + "for any other app would be accepted"
        ),
        (
            "- issuer: https://i\n      audiences:", 5,
            "'audiences' is empty; list what is allowed, or remove it to allow all"
        ),
        ("- issuer: https://i\n      audiences: []", 5, "'audiences' is empty"),
        (
            "- issuer: https://i\n      audiences:\n      - a\n      - ''", 7,
            "'audiences' has an empty text; fill it in"
        ),
        ("- issuer: https://i\n      audiences: a", 5, "'audiences' must be a list"),
        ("- issuer: https://i\n      client_ids: []", 5, "'client_ids' is empty"),
        ("\(published)token_use: refresh", 6, "'token_use' must be 'access' or 'id'"),
        (
            "\(published)user_claim: ''", 6,
            "'user_claim' must have names of claims, of 1 to 256 bytes without control characters"
        ),
        ("\(published)user_claim: \(String(repeating: "a", count: 257))", 6, "'user_claim' must have names of claims"),
        ("\(published)max_age: 0", 6, "'max_age' must be a whole number from 1 to 31536000"),
        ("\(published)max_age: 1h", 6, "'max_age' must be a whole number from 1 to 31536000"),
        (
            "\(published)required_claims:", 6,
            "'required_claims' is empty; name a claim there with its value, or remove it"
        ),
        ("\(published)required_claims: {}", 6, "'required_claims' is empty"),
        (
            "\(published)required_claims: [admin]", 6,
            "'required_claims' must be a mapping from names of claims to values"
        ),
        ("\(published)required_claims:\n        a: b\n        c: []", 8, "'required_claims' has no value for 'c'"),
        ("\(published)required_claims:\n        a: b\n        c:", 8, "'required_claims' has no value for 'c'"),
        (
            "\(published)required_claims:\n        a:\n        - b\n        - ''", 9,
            "'required_claims' has an empty value for 'a'"
        ),
        ("\(published)required_claims: {a: {b: c}}", 6, "'required_claims' must be a single value"),
        ("\(published)required_claims: {'${A}': b}", 6, "variables work only in values"),
        ("\(published)metadata_claims: email", 6, "'metadata_claims' must be a list"),
        (
            "\(published)metadata_claims:\n      - email\n      - email", 8,
            "'metadata_claims' has 'email' twice; remove one"
        ),
        ("\(published)metadata_claims: ['']", 6, "'metadata_claims' must have names of claims"),
        (
            "\(published)metadata_claims: [\((0..<17).map { "c\($0)" }.joined(separator: ", "))]", 6,
            "'metadata_claims' has 17 claims; keep at most 16"
        ),
        ("\(published)log_users: maybe", 6, "'log_users' must be true or false"),
        ("\(published)allowed_servers: [b]", 6, "'allowed_servers' has an unknown server 'b'; did you mean 'a'?"),
        ("\(published)rpm: 0", 6, "'rpm' must be a whole number from 1"),
        (
            "\(published)max_budget: 1", 6,
            "'max_budget' could never be reached: no server that may be used here has prices"
        ),
        (
            "\(published)user_limits: 5", 6,
            "'user_limits' of a token issuer must be a mapping of keys: server_limits, rpm"
        ),
        (
            "\(published)user_limits:\n        allowed_models: [m]", 7,
            "'user_limits' of a token issuer has an unknown key 'allowed_models'"
        ),
        (
            "\(published)user_limits:\n        server_limits:\n          c: {rpm: 1}", 8,
            "'user_limits' of a token issuer: 'server_limits' has an unknown server 'c'; did you mean 'a'?"
        ),
        ("\(published)user_limits:\n        max_budget: 1", 7, "'max_budget' could never be reached"),
    ]

    private static let login =
        "login:\n        authorize_url: https://i/a\n        token_url: https://i/t\n        client_id: c"

    private static let logins: [(String, Int, String)] = [
        ("\(published)login: true", 6, "'login' of a token issuer must be a mapping of keys: authorize_url, token_url"),
        (
            "\(published)login:\n        token_url: https://i/t\n        client_id: c", 7,
            "'login' of a token issuer: 'authorize_url' is missing"
        ),
        ("\(published)login: {authorize_url: 'https://i', token_url: 'https://i'}", 6, "'client_id' is missing"),
        ("\(published)login: {authorize_url: 'https://i', client_id: c}", 6, "'token_url' is missing"),
        (
            "\(published)login: {authorize_url: 'https://i', token_url: '${U:-}', client_id: c}", 6,
            "'login' has an empty URL or 'client_id'; fill it in, or remove 'login'"
        ),
        (
            "\(published)\(login)\n        client_secret: x", 10,
            "'login' of a token issuer has an unknown key 'client_secret'"
        ),
        ("\(published)\(login)x", 9, "'client_id' isn't in 'client_ids', so its tokens would be refused; add it there"),
        ("\(published)\(login)\n        token: refresh", 10, "'token' must be 'access' or 'id'"),
        (
            "\(published)audiences: [api]\n      \(login)\n        token: id", 10,
            "'client_id' isn't in 'audiences', so its ID tokens would be refused; add it there, or send the access token"
        ),
        (
            "\(published)token_use: access\n      \(login)\n        token: id", 11,
            "'token' is 'id', but 'token_use' is 'access'; make them equal"
        ),
        (
            "\(published)login: {authorize_url: 'http://i.example', token_url: 'https://i', client_id: c}", 6,
            "'authorize_url' must begin with https://; only this machine"
        ),
        (
            "\(published)login: {authorize_url: 'https://i', token_url: 'https://u@i', client_id: c}", 6,
            "'token_url' must not have a user or password"
        ),
        (
            "\(published)\(login)\n    - issuer: https://j.example\n      client_ids: [c]\n      \(login)", 12,
            "'login' is also in the issuer 'https://i.example', but the playground has only one"
        ),
    ]

    @Test("An invalid issuer is refused with its line", arguments: names + keys + rules + logins)
    func refuses(entries: String, line: Int, message: String) throws {
        try Refusal("a: {url: http://a}\nsettings:\n  token_issuers:\n    \(entries)", line, message).expect()
    }

    @Test("No message shows a secret, whatever is wrong with it")
    func hidesSecrets() throws {
        for value in ["opensesame", "\"opensesame\\nopensesame-opensesame-opensesame\"", "os.environ/opensesame"] {
            let error = try #require(throws: ConfigurationError.self) {
                try load("a: {url: http://a}\nsettings: {token_issuers: [{issuer: b, secret: \(value)}]}")
            }
            #expect(!"\(error)".contains("sesame"))
        }
    }

    @Test("An issuer can't have the id of a virtual key")
    func refusesIDs() throws {
        let text = """
            a: {url: http://a}
            settings:
              token_issuers:
                - {issuer: web, secret: \(Self.secret)}
              virtual_keys:
                - {name: w, id: web, key: '${X}'}
            """
        try Refusal(text, 4, "'issuer' 'web' is the id of a virtual key; give that key another 'id'").expect()
    }
}
