import Testing

@testable import Proxy

@Suite struct MediaTypeTests {
    @Test(
        "A media type is read without parameters, in any case",
        arguments: [
            ("application/json", true, false), ("Application/JSON; charset=utf-8", true, false),
            ("application/problem+json", true, false), (" text/Event-Stream ;x=y", false, true),
            ("text/event-stream, text/event-stream", false, true), ("\ttext/event-stream\t", false, true),
            ("text/plain;application/json", false, false), ("application/jsonl", false, false), ("", false, false),
            ("é", false, false), (nil, false, false),
        ] as [(String?, Bool, Bool)])
    func reads(field: String?, isJSON: Bool, isEventStream: Bool) {
        let type = MediaType(field)
        #expect(type.isJSON == isJSON && type.isEventStream == isEventStream)
    }
}
