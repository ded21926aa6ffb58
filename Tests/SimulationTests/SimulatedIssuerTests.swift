import JSONWebTokens
import Proxy
import ProxyConfiguration
import SimulatedWorld
import Testing

@Suite struct SimulatedIssuerTests {
    @Test(
        "Good tokens are valid all the time, and the others never are",
        arguments: [SimulatedIssuer.validity.lowerBound, 1_795_287_942, SimulatedIssuer.validity.upperBound - 1])
    func makesTokens(time: Int64) throws {
        let keys = try #require(KeySet(parsing: SimulatedIssuer.jwks))
        for issued in SimulatedIssuer.tokens {
            #expect(Self.user(issued.token, keys, at: time) == (issued.isValid ? issued.subject : nil), "\(issued)")
        }
    }

    /// - Returns: nil if the token is refused.
    private static func user(_ token: String, _ keys: KeySet, at time: Int64) -> String? {
        var rules = TokenRules(issuer: SimulatedIssuer.url)
        rules.audiences = [SimulatedIssuer.audience]
        guard let token = try? JSONWebToken(Array(token.utf8)) else { return nil }
        guard (try? token.verify(with: keys, allowing: rules.algorithms)) != nil else { return nil }
        return try? rules.check(token, at: time)
    }

    @Test("A table knows the issuer", arguments: [true, false])
    func writesYAML(isDiscovered: Bool) throws {
        let table = """
            server: {url: "https://server.example"}
            settings:
              user_id_key: a-key-of-this-test
              token_issuers: [\(SimulatedIssuer.yaml(isDiscovered: isDiscovered, "user_limits: {rpm: 5}"))]
            """
        let loaded = try LoadedTable(parsing: Array(table.utf8), file: "table", environment: [:])
        let issuer = try #require(loaded.table.settings.tokenIssuers.first)
        #expect(issuer.rules.issuer == SimulatedIssuer.url && issuer.rules.audiences == [SimulatedIssuer.audience])
    }
}
