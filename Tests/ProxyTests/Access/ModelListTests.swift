import HTTPTypes
import JSONBytes
import Testing

@testable import Proxy

@Suite struct ModelListTests {
    private let allowed = [ModelPattern("small"), ModelPattern("mini-*")]

    @Test(
        "Of a list of models only those that are allowed stay, byte for byte",
        arguments: [
            (
                #"{"object":"list","data":[{"id":"small","created":1.0},{"id":"large"}]}"#,
                #"{"id":"small","created":1.0}"#
            ),
            (
                #"{"data":[ {"id":"mini-1"} , {"id":"small"} ],"models":[{"id":"large"}]}"#,
                #"{"id":"mini-1"},{"id":"small"}"#
            ),
            (#"[{"id":"large"},{"id":"small"}]"#, #"{"id":"small"}"#), (#"{"data":[]}"#, ""), ("{}", ""),
            (#"{"data":["small",1,null,{"name":"small"},{"id":7}]}"#, ""),
            (#"{"data":[{"id":"\u0073mall"}]}"#, #"{"id":"\u0073mall"}"#),
        ])
    func filters(list: String, kept: String) throws {
        let filtered = try ModelList.filtered(Array(list.utf8), showing: allowed)
        #expect(String(decoding: filtered, as: UTF8.self) == #"{"object":"list","data":[\#(kept)]}"#)
    }

    @Test(
        "What is no list is an error", arguments: ["", "<html>", #"{"data":{}}"#, #"{"data":[{"id":"small"}"#, "[] x"])
    func refuses(list: String) {
        #expect(throws: (any Error).self) { try ModelList.filtered(Array(list.utf8), showing: allowed) }
    }

    @Test("A caller with an allow-list sees a server's list filtered, others as it is")
    func shows() throws {
        let list = #"{"data":[{"id":"small"},{"id":"large"}]}"#
        let step = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], list))
        let all = try Heard.of([Samples.server("a")], [step], method: "GET", path: "/a/v1/models", body: "")
        #expect(all.body == list)
        let some = try Heard.of([Samples.server("a")], [step], method: "GET", path: "/a/v1/models", body: "") {
            $0.virtualKeys[0].allowedModels = [ModelPattern("small")]
        }
        #expect(some.body == #"{"object":"list","data":[{"id":"small"}]}"#)
    }

    @Test("An error that is called a list is an error all the same")
    func passesErrors() throws {
        let error = #"{"error":{"message":"no","type":"x","param":null,"code":null}}"#
        let step = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], error))
        let server = Samples.server("a") { $0.retries = 0 }
        let heard = try Heard.of([server], [step], method: "GET", path: "/a/v1/models", body: "") {
            $0.virtualKeys[0].allowedModels = [ModelPattern("small")]
        }
        #expect(heard.status == "502" && heard.body == error)
    }

    @Test("The overview has each server's own model and the names that stand for others")
    func overviews() throws {
        let servers = [
            Samples.server("a") { $0.modelAliases = ["fast": "small", "b": "large"] },
            Samples.server("b") { $0.model = nil },
            Samples.server("c") { $0.model = "" }, Samples.server("d"),
        ]
        func ids(_ change: (inout Settings) -> Void = { _ in }) throws -> [String] {
            let heard = try Heard.of(servers, [], method: "GET", path: "/v1/models", body: "", settings: change)
            #expect(heard.status == "200" && heard.calls.isEmpty)
            return heard.body.split(separator: #""id":""#).dropFirst().map { String($0.prefix { $0 != "\"" }) }
        }
        #expect(try ids() == ["a-model", "b", "fast", "d-model"])
        #expect(try ids { $0.virtualKeys[0].allowedServers = ["d"] } == ["d-model"])
        #expect(try ids { $0.virtualKeys[0].allowedModels = [ModelPattern("small")] } == ["fast"])
        #expect(try Heard.of(servers, [], method: "GET", path: "/v1/models", body: "", key: "no").status == "401")
        #expect(try Heard.of(servers, [], path: "/v1/models").status == "405")
    }

    @Test("Whether the program runs is told to anybody, and nobody else is asked")
    func tellsHealth() throws {
        let heard = try Heard.of([Samples.server("a")], [], method: "GET", path: "/health", body: "", key: "")
        #expect(heard.status == "200" && heard.body == #"{"status":"ok"}"# && heard.calls.isEmpty)
        #expect(try Heard.of([Samples.server("a")], [], path: "/health", key: "").status == "405")
        #expect(heard.records.allSatisfy { $0.hasPrefix(#"{"level":"DEBUG""#) && !$0.contains("_aws") })
    }
}
