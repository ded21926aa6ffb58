import JSONWebTokens
import Testing

@testable import LambdaRuntime
@testable import Proxy

@Suite struct GatewayAccessTests {
    private static func settings(_ grant: CallerGrant? = CallerGrant()) -> Settings {
        var settings = Settings()
        settings.frontDoors.gatewayCallers = grant
        var rules = TokenRules(issuer: "https://i")
        rules.audiences = ["app"]
        var issuer = TokenIssuer(rules, .published(url: nil))
        issuer.plans = [
            UserPlan(name: "pro", [ClaimRequirement("cognito:groups", in: ["b"])], Permissions(), CallerLimits())
        ]
        settings.tokenIssuers = [issuer]
        return settings
    }

    private static func user(_ claims: String?, principal: String? = nil, keyID: String? = nil) throws -> User? {
        let access = try #require(GatewayAccess(settings()))
        let claims = claims.map { Array($0.utf8) }
        return access.user(.gateway(GatewayIdentity(claims: claims, principal: principal, keyID: keyID)))
    }

    @Test("Nothing counts unless the owner trusts the gateway")
    func needsTrust() { #expect(GatewayAccess(Self.settings(nil)) == nil) }

    @Test("Only a gateway can identify a caller", arguments: [Sender.anybody, .invoker])
    func needsGateway(sender: Sender) throws {
        #expect(try #require(GatewayAccess(Self.settings())).user(sender) == nil)
    }

    @Test("The rules and plans of an issuer in the table apply to claims that the gateway has checked")
    func appliesRules() throws {
        let user = try #require(
            try Self.user(#"{"iss":"https://i","sub":"u","aud":"app","exp":"Fri Nov 27","cognito:groups":"a,b"}"#))
        #expect((user.issuer, user.plan, user.expires) == ("https://i", "pro", nil))
        #expect(try Self.user(#"{"iss":"https://i","sub":"u","aud":"app","cognito:groups":"[a b]"}"#)?.plan == "pro")
        #expect(try Self.user(#"{"iss":"https://i","sub":"u","aud":"app","cognito:groups":"ab"}"#)?.plan == nil)
        #expect(try Self.user(#"{"iss":"https://i","sub":"u","aud":"other"}"#, keyID: "k") == nil)
    }

    @Test("Other callers count by their claims, their authorizer's principal or their API key")
    func countsOthers() throws {
        let byClaims = try #require(try Self.user(#"{"iss":"x","sub":"u"}"#, principal: "p", keyID: "k"))
        let byPrincipal = try #require(try Self.user(nil, principal: "u", keyID: "k"))
        let byKey = try #require(try Self.user(nil, keyID: "k"))
        #expect([byClaims, byPrincipal, byKey].map(\.issuer) == Array(repeating: "api-gateway", count: 3))
        #expect(Set([byClaims, byPrincipal, byKey].map(\.id)).count == 3)
        #expect((byKey.id, byKey.shownID, byClaims.shownID) == ("k", "k", nil))
        #expect(try Self.user(#"{"iss":"y","sub":"u"}"#)?.id != byClaims.id)
    }

    @Test(
        "Claims that say nothing certain identify nobody, whatever else the gateway says",
        arguments: [
            "{}", #"{"iss":"x"}"#, #"{"sub":"u"}"#, #"{"iss":5,"sub":"u"}"#, #"{"iss":"x","sub":1}"#,
            #"{"iss":"x","sub":"a","sub":"b"}"#,
        ])
    func refusesUncertainty(claims: String) throws {
        #expect(try Self.user(claims, principal: "p", keyID: "k") == nil)
    }
}
