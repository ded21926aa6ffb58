import HTTPTypes
import Testing
import Transport

@testable import Proxy

/// The record as text. The clock of these tests begins at 00:16:40.
@Suite struct TextLineTests {
    private typealias Step = ScriptedTransport.Step

    private static let stream: HTTPFields = [.contentType: "text/event-stream"]
    private static let events = """
        data: {"model":"gpt-2026","choices":[{"delta":{"content":"Hi"}}]}

        data: {"choices":[],"usage":{"prompt_tokens":18,"completion_tokens":47}}

        data: [DONE]


        """

    private static let failing = Step(outcome: .answer(503, [.contentType: "application/json"], "{}"))

    private func text(
        _ steps: [Step], method: String = "POST", path: String = "/a/v1/chat/completions",
        body: String = #"{"model":"gpt"}"#, key: String = "key-web", style: TextStyle = TextStyle(),
        server change: (inout Server) -> Void = { _ in }
    ) throws -> String {
        let server = Samples.server("a") {
            $0.retries = 0
            change(&$0)
        }
        let heard = try Heard.of(
            [server], steps, method: method, path: path, body: body, key: key, format: .text(style))
        try #require(heard.records.count == 1)
        return heard.records[0]
    }

    @Test("A request is one line of columns")
    func hasColumns() throws {
        let text = try text(
            [Step(outcome: .answer(200, Self.stream, Self.events), delay: 1230)],
            body: #"{"model":"gpt","stream":true}"#
        ) { $0.prices.standard = Price(input: 0.000002, output: 0.000004) }
        #expect(
            text
                == "00:16:40 200 POST /a/v1/chat/completions            web          gpt-2026                "
                + "       18→47 tok  ttft  1.23 s   1.23 s  $0.000224\n")
    }

    @Test("A failure has its reason on the next line")
    func tellsReasons() throws {
        let refused = try text([], key: "no-such-key").split(separator: "\n")
        #expect(refused.count == 2)
        #expect(refused[0].hasPrefix("00:16:40 401 POST /a/v1/chat/completions            none "))
        #expect(refused[1].hasPrefix("         caller_invalid_api_key: "))
        let failed = try text([Self.failing]).split(separator: "\n")
        #expect(failed.count == 2)
        #expect(failed[0].hasPrefix("00:16:40 503 POST /a/v1/chat/completions            web          gpt "))
        #expect(failed[1].hasPrefix("         upstream_503: "))
    }

    @Test("Columns keep their width, however long the names are")
    func cutsNames() throws {
        let ok = Step(outcome: .answer(200, [.contentType: "application/json"], "{}"))
        let long = String(repeating: "n", count: 5000)
        let short = try text([ok])
        for line in [
            try text([ok], body: #"{"model":"\#(long)"}"#),
            try text([ok], path: "/a/v1/models/\(long)", body: ""),
            try text([ok], path: "/\(long)/v1/chat/completions"),
        ] {
            let first = try #require(line.split(separator: "\n").first)
            #expect(first.contains("nnn…"))
            #expect(first.unicodeScalars.count <= short.unicodeScalars.count)
        }
    }

    @Test("The terminal interprets nothing that callers or providers write")
    func escapesControls() throws {
        for escape in ["\\u001b[2J", "\\u009b2J", "\\u202e", "\\u2028", "\\n"] {
            let answer = #"{"model":"m\#(escape)n","choices":[]}"#
            let named = try text(
                [Step(outcome: .answer(200, [.contentType: "application/json"], answer))],
                body: #"{"model":"gpt"}"#)
            #expect(named.unicodeScalars.allSatisfy { $0 == "\n" || TextStyle.printable("\($0)") == "\($0)" })
            #expect(named.split(separator: "\n").count == 1)
        }
        let asked = try text([], method: "GET", path: "/a%1b[2J%C2%9B2J%0A", key: "none")
        #expect(asked.unicodeScalars.allSatisfy { $0 == "\n" || TextStyle.printable("\($0)") == "\($0)" })
    }

    @Test("A line never contains a key")
    func leavesOutKeys() throws {
        let path = try text([], path: "/nowhere/v1/key-web")
        #expect(path.contains("POST /nowhere/v1/[redacted]") && !path.contains("key-web"))
        let model = try text([Step(outcome: .error(.refused))], body: #"{"model":"key-web"}"#)
        #expect(model.contains("[redacted]") && !model.contains("key-web"))
    }

    @Test("Colors are used only on terminals that show them")
    func paints() throws {
        let step = Self.failing
        let plain = try text([step])
        let colored = try text([step], style: TextStyle(isColored: true))
        #expect(!plain.contains("\u{1B}"))
        #expect(colored.contains("\u{1B}[31m503\u{1B}[0m"))
        let bare = colored.replacing("\u{1B}[31m", with: "").replacing("\u{1B}[2m", with: "")
        #expect(bare.replacing("\u{1B}[0m", with: "") == plain)
    }

    @Test(
        "Durations have up to three digits",
        arguments: [
            (-5, "0 ms"), (0, "0 ms"), (999, "999 ms"), (1000, "1.00 s"), (9999, "9.99 s"), (10_000, "10.0 s"),
            (99_999, "99.9 s"), (100_000, "100 s"), (900_000, "900 s"),
        ] as [(Int64, String)])
    func writesDurations(milliseconds: Int64, expected: String) {
        #expect(TextLine.duration(milliseconds) == expected)
    }

    @Test(
        "Costs have all significant digits",
        arguments: [
            (0, "$0"), (-1, "$0"), (.nan, "$0"), (.infinity, "$0"), (1e-9, "<$0.000001"), (0.0000014, "$0.000001"),
            (0.000155, "$0.000155"), (0.9999999, "$1.00"), (1.239, "$1.24"), (1e300, "$1000000000000.00"),
        ] as [(Double, String)])
    func writesCosts(cost: Double, expected: String) {
        #expect(TextLine.dollars(cost) == expected)
    }

    @Test(
        "The time is the local time of day",
        arguments: [(0, 0, "00:00:00"), (86_399_999, 0, "23:59:59"), (0, -3600, "23:00:00"), (0, 20_700, "05:45:00")]
            as [(Int64, Int64, String)])
    func writesTimes(milliseconds: Int64, offset: Int64, expected: String) {
        #expect(TextStyle(utcOffset: offset).time(milliseconds) == expected)
    }
}
