import Testing
import Transport

@testable import Proxy

@Suite struct StreamEndTests {
    @Test(
        "The end mark ends a stream, whatever follows",
        arguments: [
            (.done, "data: {}\n\ndata: [DONE]\n\n"), (.done, "data: {}\n\ndata:[DONE]\r\n\n"),
            (.done, "data: 1\r\rdata: [DONE]\r\r"),
            (.done, "data: {}\n\n: keepalive\ndata: [DONE]\n\n"), (.done, "data: {}\n\nevent: done\ndata: [DONE]\n\n"),
            (.done, "\u{FEFF}data: {}\n\ndata: [DONE]\n\n"), (.done, "data: {}\n\ndata: [DONE] \nid: 4\n\n"),
            (.response, "event: response.created\ndata: {}\n\nevent: response.completed\ndata: {}\n\n"),
            (.response, "data: {}\nevent:response.incomplete\n\n"),
            (.response, "event: response.failed\ndata: {\"response\":{\"error\":{\"message\":\"m\"}}}\n\n"),
            (.response, "data: {\"type\":\"response.created\"}\n\ndata: {\"type\": \"response.completed\"}\n\n"),
            (.response, "data: {}\n\ndata: [DONE]\n\n"),
            (.response, "event: message\ndata: {\"type\":\"response.completed\"}\n\n"),
            (.response, "event: response.output_text.done\ndata: {\"type\":\"response.incomplete\"}\n\n"),
            (
                .response,
                "event: error\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"message\":\"m\"}}}\n\n"
            ),
            (.response, "event: x\ndata: {\"response\":{\"type\":\"x\"},\"type\" :\t\"response.completed\"}\n\n"),
            (.response, "event: x\ndata: { \"type\" : \"response.completed\" }\n\n"),
            (.response, "data: {\ndata: \"type\":\"response.completed\"}\n\n"),
            (.response, "event: response.completed\ndata: {\"type\":null}\n\n"),
            (.response, "event: response.completed\ndata: {\"\\u0074ype\":\"response.completed\"}\n\n"),
            (.response, "data: {\"type\":\"response\\u002ecompleted\",\"response\":{}}\n\n"),
            (.response, "data: {\"type\":\"r\\u0065sponse.completed\"}\n\n"),
            (.response, "data: {\"response\":{},\"type\":\"response\\u002Ecompleted\"}\n\n"),
            (.response, "data: {\"type\":\"response.created\",\"type\":\"response.completed\"}\n\n"),
            (.response, "data: {\"type\":\"error\",\"message\":\"m\",\"type\":\"response.incomplete\"}\n\n"),
        ] as [(StreamEnd, String)])
    func ends(at mark: StreamEnd, text: String) {
        for rest in ["", "data: late\n\n", "data: {\"error\":{\"message\":\"late\"}}\n\n", ": la"] {
            for stream in FilteredStream.inAllPieces(text + rest, route: Samples.route(streamEnd: mark)) {
                #expect(stream.text == text && stream.ending == .complete)
            }
        }
    }

    @Test(
        "A stream that just stops gets an error event in place of an incomplete one",
        arguments: [
            (.done, "data: {}\n\n", ""), (.done, "data: {}\r\n\r", ""), (.done, "data: {}\n\n", ": keepalive\n"),
            (.done, "data: {}\n\n", "data: {\"a"), (.done, "data: [\ndata: \"[DONE]\"]\n\n", ""),
            (.done, "data: \"[DONE]\"\n\n", ""), (.done, "data: {}\n\n: data: [DONE]\n\n", ""),
            (.done, "data: [DONE]x\n\n", ""),
            (.done, "event: response.completed\ndata: {}\n\n", ""), (.done, "data: 1\n\n", "data: [DON"),
            (.response, "event: response.created\ndata: {}\n\n", "event: response.completed\ndata: {}\n"),
            (.response, "event: response.completed\ndata: {\"type\":\"response.output_text.done\"}\n\n", ""),
            (.response, "event: response.completed\ndata: {\"a\":1,\"type\":\"response.created\"}\n\n", ""),
            (.response, "data: {\"response\":{\"type\":\"response.completed\"}}\n\n", ""),
            (.response, "data: {\"type\":\"response.completed\",\"type\":\"response.created\"}\n\n", ""),
            (.response, "data: {\"type\":\"x\",\"delta\":\"response.completed\"}\n\n", ""),
            (.response, "data: {\"delta\":\"\\\"type\\\":\\\"response.completed\\\"\"}\n\n", ""),
            (.response, "event: error\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"a\"}\n\n", ""),
        ] as [(StreamEnd, String, String)])
    func reportsMissingEnd(of mark: StreamEnd, whole: String, half: String) {
        for stream in FilteredStream.inAllPieces(whole + half, route: Samples.route(streamEnd: mark)) {
            #expect(stream.text.utf8.starts(with: whole.utf8))
            let reader = EventReader(Array(stream.output.dropFirst(whole.utf8.count)))
            #expect(reader.events.count == 1 && reader.errors.map { $0["code"] } == ["upstream_truncated"])
            #expect(stream.text.contains("expects_done: false"))
            #expect(stream.ending == .partial && stream.trailers == 2)
        }
    }

    @Test("An end mark without a line end counts", arguments: ["", "\n", "\r", "\r\n", "\r\n\r"])
    func acceptsUnterminated(lineEnd: String) {
        let text = "data: {}\n\ndata: [DONE]" + lineEnd
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test("A stream without an expected end mark may end anywhere", arguments: [StreamEnd.unmarked, .done, .response])
    func expectsNothing(mark: StreamEnd) {
        let route = Samples.route(streamEnd: mark) { $0.expectsDone = false }
        let halves = mark == .unmarked ? [] : ["data: {}\n\ndata: {\"half", "data: {\"error\":null}"]
        for text in ["data: {}\n\n", "data: 1\r\n\r"] + halves {
            for stream in FilteredStream.inAllPieces(text, route: route) {
                #expect(stream.text == text && stream.ending == .complete)
            }
        }
    }

    @Test(
        "A stream without a single event is an error, with or without an end mark",
        arguments: [StreamEnd.done, .response], [true, false])
    func reportsSilence(mark: StreamEnd, expectsDone: Bool) {
        let route = Samples.route(streamEnd: mark) { $0.expectsDone = expectsDone }
        let silent = [
            "", "\n", "\r\n\r\n", "  ", "\u{FEFF}", ": keepalive\n\n", ": a\n\n: b", "event: x\n\n", "retry: 5\n\n\n",
            "id", "data: [DONE]\n\n", ": a\n\ndata: [DONE]\n\n", "data: [DONE]", "\u{FEFF}data: [DONE] \n\n",
        ]
        for text in silent {
            for stream in FilteredStream.inAllPieces(text, route: route) {
                let reader = EventReader([0x0A] + stream.output)
                #expect(reader.events.count == 1 && reader.errors.map { $0["code"] } == ["upstream_empty"], "\(text)")
                #expect(stream.ending == .partial)
            }
        }
    }

    @Test(
        "In the Responses API, the type decides what is an error, not the event's name",
        arguments: [
            "event: message\ndata: {\"type\":\"error\",\"message\":\"no\"}",
            "event: response.completed\ndata: {\"type\":\"error\",\"message\":\"no\"}",
            "data: {\"message\":\"no\",\"code\":null,\"type\":\"error\"}",
            "event: error\ndata: {\"message\":\"no\"}",
            "event: error\ndata: {\"type\":\"server_error\",\"message\":\"no\"}",
            "data: {\"type\":\"error\",\"error\":{\"message\":\"no\"}}",
        ])
    func readsTypedErrors(event: String) {
        for stream in FilteredStream.inAllPieces(event + "\n\n", route: Samples.route(streamEnd: .response)) {
            #expect(EventReader(stream.output).errors.map { $0["message"] } == ["no"] && stream.ending == .partial)
        }
    }

    @Test("The end mark of another endpoint has no meaning")
    func passesForeignMarks() {
        let text = "data: [DONE]\n\nevent: response.completed\ndata: {}\n\ndata: more\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route(streamEnd: .unmarked)) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }
}
