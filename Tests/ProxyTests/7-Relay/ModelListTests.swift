import HTTPTypes
import JSONBytes
import Testing
import Transport

@testable import Proxy

@Suite struct ModelListTests {
    private static let aliased = Samples.server("a") { $0.modelAliases = ["nick": "small", "fast": "large"] }

    private func shown(_ list: String, _ models: [String]? = nil, of server: Server = aliased) throws -> String? {
        let models = models.map { ModelList.Shown.allowed($0.map { ModelPattern($0) }) } ?? .all
        return try ModelList.shown(Array(list.utf8), models, of: server).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func entry(_ name: String) -> String {
        #"{"id":"\#(name)","object":"model","created":0,"owned_by":"a"}"#
    }

    @Test(
        "A list of models keeps only the allowed ones, byte for byte",
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
            (#"{"data":[{"id":"\u0073mall"}]}"#, #"{"id":"\u0073mall"}"#), (#"{"object":"list","data":null}"#, ""),
            (#"{"data":[{"id":"small"}],"data":null}"#, ""),
            (#"{"data":null,"data":[{"id":"small"}]}"#, #"{"id":"small"}"#),
        ])
    func filters(list: String, kept: String) throws {
        let shown = try shown(list, ["small", "mini-*"], of: Samples.server("a"))
        #expect(shown == #"{"object":"list","data":[\#(kept)]}"#)
    }

    @Test(
        "Aliases follow the provider's models, and everything else stays byte for byte",
        arguments: [
            (#"{"object":"list","data":[{"id":"small"}@],"x":[]}"#, ",fast,nick"),
            (#" { "data" : [ {"id":"small"} @] , "models":[{"id":"small"}]} "#, ",fast,nick"),
            (#"{"data":[@]}"#, "fast,nick"), (#"{"data":[ @]}"#, "fast,nick"), (#"{"data":["text",1@]}"#, ",fast,nick"),
            (#"{"data":[{"id":"nick"},{"id":"large"}@]}"#, ",fast"), (#"{"data":[{"id":"n\u0069ck"}@]}"#, ",fast"),
            (#"{"data":[{"id":"Nick"}@]}"#, ",fast,nick"), (#"{"data":[{"id":"nick"}],"data":[@]}"#, "fast,nick"),
            (#"[{"id":"small"}@]"#, ",fast,nick"), (" [ @] ", "fast,nick"), (#"[{"id":"nick"},"text"@]"#, ",fast"),
        ])
    func addsAliases(list: String, added: String) throws {
        let comma = added.hasPrefix(",") ? "," : ""
        let entries = comma + added.split(separator: ",").map { Self.entry(String($0)) }.joined(separator: ",")
        #expect(try shown(list.replacing("@", with: "")) == list.replacing("@", with: entries))
    }

    @Test(
        "If a provider writes null for no models, the list has only the aliases",
        arguments: [
            #"{"object":"list","data":@}"#, #"{ "data" : @ , "x":1}"#, #"{"data":[{"id":"nick"}],"data":@}"#,
        ])
    func replacesNull(list: String) throws {
        let aliases = "[" + ["fast", "nick"].map(Self.entry).joined(separator: ",") + "]"
        let sent = list.replacing("@", with: "null")
        #expect(try shown(sent) == list.replacing("@", with: aliases))
        #expect(try shown(sent, of: Samples.server("a")) == nil)
        #expect(try shown(sent, ["nick"]) == #"{"object":"list","data":[\#(Self.entry("nick"))]}"#)
    }

    @Test(
        "A list to which nothing can be added passes unchanged",
        arguments: [
            #"{"models":[{"name":"small"}]}"#, #"{"data":{}}"#, "null", "<html>", #"{"data":[{"id":"small"}]"#, "",
            #"{"data":[{"id":"nick"},{"id":"fast"}]}"#, #"[{"id":"nick"},{"id":"fast"}]"#, "[] x",
        ])
    func passesOthers(list: String) throws {
        #expect(try shown(list) == nil)
    }

    @Test(
        "A caller with an allow-list sees the aliases that it may use, by either name",
        arguments: [
            (["nick"], "nick"), (["small"], "{small},nick"), (["*"], "{small},{large},fast,nick"),
            (["large"], "{large},fast"),
            (["fa*", "small"], "{small},fast,nick"), (["other"], ""),
        ])
    func filtersAliases(models: [String], kept: String) throws {
        let entries = kept.split(separator: ",").map { name -> String in
            name.hasPrefix("{") ? "{\"id\":\"\(name.dropFirst().dropLast())\"}" : Self.entry(String(name))
        }
        let expected = #"{"object":"list","data":[\#(entries.joined(separator: ","))]}"#
        for list in [#"{"data":[{"id":"small"},{"id":"large"}]}"#, #"[{"id":"small"},{"id":"large"}]"#] {
            #expect(try shown(list, models) == expected)
        }
    }

    @Test("An alias that is also the name of a provider's model is listed once")
    func listsOnce() throws {
        let server = Samples.server("a") { $0.modelAliases = ["small": "large"] }
        for models in [["small"], ["large"]] {
            #expect(
                try shown(#"{"data":[{"id":"small"}]}"#, models, of: server)?.hasSuffix(#"[{"id":"small"}]}"#) == true)
        }
    }

    @Test("A single alias is shown to callers who may use it, without asking the provider")
    func showsAlias() throws {
        func heard(_ name: String, _ models: [String]? = nil) throws -> Heard {
            try Heard.of([Self.aliased], [], method: "GET", path: "/a/v1/models/\(name)", body: "") {
                $0.virtualKeys[0].permissions.allowedModels = models?.map { ModelPattern($0) }
            }
        }
        for models in [nil, ["nick"], ["small"]] {
            let heard = try heard("nick", models)
            #expect(heard.status == "200" && heard.body == Self.entry("nick") && heard.calls.isEmpty)
            #expect(heard.fields["content-type"] == "application/json")
        }
        #expect(try heard("nick", ["fast"]).status == "403")
        #expect(try heard("small").calls.count == 1)
        #expect(try heard("small", ["nick"]).status == "403")
    }

    @Test(
        "Anything but a list is an error",
        arguments: [
            "", "<html>", "null", "1", #"{"data":{}}"#, #"{"data":"x"}"#, #"{"data":[{"id":"small"}"#, "[] x",
        ])
    func refuses(list: String) {
        #expect(throws: (any Error).self) { try shown(list, ["small"]) }
    }

    /// What the relay makes of a provider's list.
    private func answered(
        _ list: [UInt8], _ models: ModelList.Shown, type: String = "application/json"
    ) async throws -> [UInt8] {
        let body = BodyPipe()
        body.write(list)
        body.finish(nil)
        var route = Route(
            upstream: UpstreamServer(Self.aliased), pathAndQuery: "/models", body: .opaque, operation: .models)
        route.shownModels = models
        let response = TransportResponse(status: .ok, fields: [.contentType: type], body: body)
        switch try await Relay.answer(response, for: route, meter: Samples.meter()) {
        case .whole(_, let bytes): return bytes
        case .stream(_, let body): return body.readAll()
        }
    }

    private static let small = ModelList.Shown.allowed([ModelPattern("small")])

    @Test(
        "A byte order mark before a list is skipped", arguments: [#"{"data":[{"id":"small"}]}"#, #"[{"id":"small"}]"#])
    func skipsMark(list: String) async throws {
        for models in [.all, Self.small] {
            let plain = try await answered(Array(list.utf8), models)
            #expect(try await answered(Array("\u{FEFF}\(list)".utf8), models) == plain)
            #expect(String(decoding: plain, as: UTF8.self).contains(Self.entry("nick")))
        }
    }

    private static let unreadable = [
        #"{"data":{}}"#, #"{"data":[{"id":"small"},]}"#, #"{"data":[{"id":small}]}"#, #"[{"id":"small"}}]"#,
    ]

    @Test(
        "A list that can't be read is an error for a caller with an allow-list, and passes for others",
        arguments: unreadable)
    func relaysUnreadable(list: String) async throws {
        let error = ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .noList)
        await #expect(throws: error) { try await answered(Array(list.utf8), Self.small) }
        #expect(try await answered(Array(list.utf8), .all) == Array(list.utf8))
    }

    @Test("A response that isn't labeled as JSON is an error for a caller with an allow-list")
    func relaysMedia() async throws {
        let error = ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .noList)
        for list in ["", "sound"] {
            await #expect(throws: error) { try await answered(Array(list.utf8), Self.small, type: "audio/mpeg") }
            let passed = try await answered(Array(list.utf8), .all, type: "audio/mpeg")
            #expect(passed == Array((list.isEmpty ? "\n" : list).utf8))
        }
    }

    @Test("A list that is too long to be read passes, except for a caller with an allow-list")
    func relaysLong() async throws {
        let list =
            Array(#"{"data":[{"id":"small"}],"x":""#.utf8) + Array(repeating: 0x78, count: 8 << 20)
            + Array("\"}".utf8)
        #expect(try await answered(list, .all) == list)
        let error = ProxyError.upstreamSentNoAnswer(server: "a", status: 200, .longList)
        await #expect(throws: error) { try await answered(list, Self.small) }
    }

    @Test("A caller with an allow-list sees a server's list filtered; others see all of it")
    func shows() throws {
        let list = #"{"data":[{"id":"small"},{"id":"large"}]}"#
        let step = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], list))
        let all = try Heard.of([Samples.server("a")], [step], method: "GET", path: "/a/v1/models", body: "")
        #expect(all.body == list)
        let some = try Heard.of([Samples.server("a")], [step], method: "GET", path: "/a/v1/models", body: "") {
            $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("small")]
        }
        #expect(some.body == #"{"object":"list","data":[{"id":"small"}]}"#)
        let added = try Heard.of([Self.aliased], [step], method: "GET", path: "/a/v1/models", body: "")
        let aliases = ["fast", "nick"].map(Self.entry).joined(separator: ",")
        #expect(added.body == #"{"data":[{"id":"small"},{"id":"large"},\#(aliases)]}"#)
        #expect(added.calls.map(\.url) == ["https://a.example/v1/models"])
    }

    @Test("An error that is labeled as a list is an error")
    func passesErrors() throws {
        let error = #"{"error":{"message":"no","type":"x","param":null,"code":null}}"#
        let step = ScriptedTransport.Step(outcome: .answer(200, [.contentType: "application/json"], error))
        let server = Samples.server("a") { $0.retries = 0 }
        let heard = try Heard.of([server], [step], method: "GET", path: "/a/v1/models", body: "") {
            $0.virtualKeys[0].permissions.allowedModels = [ModelPattern("small")]
        }
        #expect(heard.status == "502" && heard.body == error)
    }
}
