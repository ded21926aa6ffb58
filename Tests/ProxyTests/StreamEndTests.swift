import Testing
import Transport

@testable import Proxy

@Suite struct StreamEndTests {
    @Test(
        "The mark that a stream is whole ends it, whatever follows",
        arguments: [
            (.done, "data: {}\n\ndata: [DONE]\n\n"), (.done, "data:[DONE]\r\n\n"),
            (.done, "data: a\r\rdata: [DONE]\r\r"),
            (.done, ": keepalive\ndata: [DONE]\n\n"), (.done, "event: done\ndata: [DONE]\n\n"),
            (.done, "\u{FEFF}data: [DONE]\n\n"), (.done, "data: [DONE] \nid: 4\n\n"),
            (.response, "event: response.created\ndata: {}\n\nevent: response.completed\ndata: {}\n\n"),
            (.response, "data: {}\nevent:response.incomplete\n\n"),
            (.response, "event: response.failed\ndata: {\"response\":{\"error\":{\"message\":\"m\"}}}\n\n"),
            (.response, "data: {\"type\":\"response.created\"}\n\ndata: {\"type\": \"response.completed\"}\n\n"),
            (.response, "data: [DONE]\n\n"),
        ] as [(StreamEnd, String)])
    func ends(at mark: StreamEnd, text: String) {
        for rest in ["", "data: late\n\n", "data: {\"error\":{\"message\":\"late\"}}\n\n", ": la"] {
            for stream in FilteredStream.inAllPieces(text + rest, route: Samples.route(streamEnd: mark)) {
                #expect(stream.text == text && stream.ending == .complete)
            }
        }
    }

    @Test(
        "A stream that just stops gets an error event, and loses half an event",
        arguments: [
            (.done, "", ""), (.done, "data: {}\n\n", ""), (.done, "data: {}\r\n\r", ""),
            (.done, ": keepalive\n", "all"),
            (.done, "data: {}\n\n", "data: {\"a"), (.done, "data: x\ndata: [DONE]\n\n", ""),
            (.done, "data: \"[DONE]\"\n\n", ""), (.done, ": data: [DONE]\n\n", ""), (.done, "data: [DONE]x\n\n", ""),
            (.done, "event: response.completed\ndata: {}\n\n", ""), (.done, "data: a\n\n", "data: [DON"),
            (.response, "event: response.created\ndata: {}\n\n", "event: response.completed\ndata: {}\n"),
            (.response, "event: response.output_text.done\ndata: {\"type\":\"response.completed\"}\n\n", ""),
        ] as [(StreamEnd, String, String)])
    func reportsMissingEnd(of mark: StreamEnd, whole: String, half: String) {
        let whole = half == "all" ? "" : whole
        for stream in FilteredStream.inAllPieces(whole + half, route: Samples.route(streamEnd: mark)) {
            #expect(stream.text.utf8.starts(with: whole.utf8))
            let reader = EventReader(Array(stream.output.dropFirst(whole.utf8.count)))
            #expect(reader.events.count == 1 && reader.errors.map { $0["code"] } == ["upstream_truncated"])
            #expect(stream.text.contains("expects_done: false"))
            #expect(stream.ending == .partial && stream.trailers == 2)
        }
    }

    @Test("A mark whose line nobody ended counts", arguments: ["", "\n", "\r", "\r\n", "\r\n\r"])
    func acceptsUnterminated(lineEnd: String) {
        let text = "data: {}\n\ndata: [DONE]" + lineEnd
        for stream in FilteredStream.inAllPieces(text, route: Samples.route()) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }

    @Test("Where no mark is expected, a stream ends as it likes", arguments: [StreamEnd.unmarked, .done, .response])
    func expectsNothing(mark: StreamEnd) {
        let route = Samples.route(streamEnd: mark) { $0.expectsDone = false }
        for text in ["data: {}\n\n", "data: {}\n\ndata: half", "data: {\"error\":null}", "data: b\r\n\r"] {
            for stream in FilteredStream.inAllPieces(text, route: route) {
                #expect(stream.text == text && stream.ending == .complete)
            }
        }
    }

    @Test("A mark that another endpoint has is nothing special")
    func passesForeignMarks() {
        let text = "data: [DONE]\n\nevent: response.completed\ndata: {}\n\ndata: more\n\n"
        for stream in FilteredStream.inAllPieces(text, route: Samples.route(streamEnd: .unmarked)) {
            #expect(stream.text == text && stream.ending == .complete)
        }
    }
}
