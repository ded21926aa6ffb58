import Testing

@testable import Proxy

/// If costs are limited, a request can't name a model beside the one whose price counts.
@Suite struct OtherModelsTests {
    private static let disguises = [
        #""models":["a"]"#, #""MODEL":"a""#, #""fallbacks":["a"]"#, #""preset":"a""#,
        #""tools":[{"type":"function","model":"a"}]"#,
    ]

    @Test("If costs are limited, the request can't name a second model", arguments: disguises)
    func refusesOtherPrices(members: String) throws {
        let heard = try LimitedRequest.heard(members, .cost)
        #expect(heard.errorCode == "usage_unknown" && heard.calls.isEmpty)
        let atServer = try LimitedRequest.heard(
            members, nil, server: { $0.quotaSet.quotas = [Quota(.cost, each: .day, 1)] })
        #expect(atServer.errorCode == "usage_unknown")
        #expect(try LimitedRequest.heard(members, .tokens).status == "200")
        #expect(try LimitedRequest.heard(members, nil).status == "200")
    }

    @Test("A preset in the model's name counts as another model", arguments: ["@preset/a", "v/m@Preset/a"])
    func refusesPresets(model: String) throws {
        for (limit, code) in [(LimitedRequest.Limit.models, "model_not_allowed"), (.cost, "usage_unknown")] {
            let heard = try Heard.of([Samples.server("a")], [LimitedRequest.ok], body: #"{"model":"\#(model)"}"#) {
                settings in
                if limit == .models {
                    settings.virtualKeys[0].permissions.allowedModels = [ModelPattern("*")]
                } else {
                    settings.virtualKeys[0].limits.quotaSet.quotas = [Quota(.cost, each: .day, 1000)]
                }
            }
            #expect(heard.errorCode == code)
        }
    }

    @Test("A fallback with limited costs is skipped if the body names other models")
    func checksPricesOfFallbacks() throws {
        let a = Samples.server("a") { ($0.fallbacks, $0.retries) = (["b", "c"], 0) }
        let b = Samples.server("b") { $0.quotaSet.quotas = [Quota(.cost, each: .day, 1000)] }
        let heard = try Heard.of(
            [a, b, Samples.server("c")], [.init(outcome: .answer(500)), LimitedRequest.ok],
            body: #"{"model":"m","models":["x"]}"#
        )
        #expect(heard.calls.map(\.url).last == "https://c.example/v1/chat/completions" && heard.calls.count == 2)
    }
}
