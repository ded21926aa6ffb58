import Dialects
import Testing

/// What a request costs grows with its bytes. If it grew with their square, each of these would take minutes or hours.
@Suite("The cost of a request to Converse", .timeLimit(.minutes(1)))
struct ConverseCostTests {
    /// Comparing two strings of so many combining marks takes minutes.
    private static let marks = "a" + String(repeating: "\u{301}\u{316}", count: 100_000)

    private static let refused: [(members: String, place: String)] = [
        (#""messages":[{"role":"\#(marks)","content":"a"}]"#, "messages.0.role"),
        (user(#"[{"type":"\#(marks)"}]"#), "messages.0.content.0.type"),
        (
            user(#"[{"type":"image_url","image_url":"data:image/\#(marks);base64,AA"}]"#),
            "messages.0.content.0.image_url.url"
        ),
        (
            user(#"[{"type":"file","file":{"file_data":"AA","filename":"a.\#(marks)"}}]"#),
            "messages.0.content.0.file"
        ),
        (calls(#"{"id":"\#(marks)","function":{"name":"f"}}"#, result: marks + "\u{302}"), "messages.2.tool_call_id"),
        (other(#""reasoning_effort":"\#(marks)""#), "reasoning_effort"),
        (other(#""service_tier":"\#(marks)""#), "service_tier"),
        (other(#""tool_choice":"\#(marks)""#), "tool_choice"),
        (other(#""response_format":{"type":"\#(marks)"}"#), "response_format.type"),
        (other(#""modalities":["\#(marks)"]"#), "modalities"),
        (other(#""tools":[{"type":"\#(marks)","function":{"name":"f"}}]"#), "tools.0.type"),
    ]

    @Test("A word with many combining marks is refused at once", arguments: refused.indices)
    func refusesMarks(index: Int) {
        let refusal = #expect(throws: RequestRefusal.self) { try Self.convert(Self.refused[index].members) }
        #expect(refusal?.param == Self.refused[index].place)
        #expect((refusal?.message.utf8.count ?? 0) < 1000)
    }

    @Test("A field of the model with many combining marks is sent")
    func sendsMarks() throws {
        let members = #""reasoning_effort":"high","additional_model_request_fields":{"\#(Self.marks)":1}"#
        #expect(try Self.convert(Self.user(#""a""#) + "," + members).body.count > Self.marks.utf8.count)
    }

    @Test("White space at the end is removed from a long text")
    func trims() throws {
        let members =
            #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b\#(String(repeating: " ", count: 1_000_000))"}]"#
        #expect(
            try Self.convert(members).body.suffix(45).elementsEqual(
                #"{"role":"assistant","content":[{"text":"b"}]}]}"#.utf8.suffix(45)))
    }

    @Test("Many documents with the same name get different names")
    func namesDocuments() throws {
        let part = #"{"type":"file","file":{"file_data":"data:text/plain;base64,AA","filename":"a.txt"}}"#
        let parts = Array(repeating: part, count: 9000).joined(separator: ",")
        let text = String(decoding: try Self.convert(Self.user("[\(parts)]")).body, as: UTF8.self)
        let names = text.split(separator: #""name":""#).dropFirst().map { $0.prefix { $0 != "\"" } }
        #expect(names.count == 9000 && Set(names).count == 9000)
        #expect(names.prefix(2) == ["a", "a 2"] && names.last == "a 9000")
    }

    @Test("A name of many flags is cut off")
    func cutsNames() throws {
        let flags = String(repeating: "\u{1F1E6}", count: 200_000)
        let part = #"{"type":"file","file":{"file_data":"data:text/plain;base64,AA","filename":"\#(flags)"}}"#
        let text = String(decoding: try Self.convert(Self.user("[\(part)]")).body, as: UTF8.self)
        #expect(text.contains(#""name":"document""#) && text.utf8.count < 1000)
    }

    @Test("What the model thought is sent once, however many blocks have no text")
    func sendsThoughtsOnce() throws {
        let blocks = Array(repeating: #"{"signature":"s"}"#, count: 10_000).joined(separator: ",")
        let thought = String(repeating: "t", count: 1_000_000)
        let members =
            #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"\#(thought)","thinking_blocks":[\#(blocks)]}]"#
        #expect(try Self.convert(members).body.count < 2_000_000)
    }

    /// `Converted` searches its text, which takes long with so many marks.
    private static func convert(_ members: String) throws(RequestRefusal) -> ConverseRequest {
        try ConverseRequest(Array(#"{"model":"anthropic.claude-sonnet-4-5-20250929-v1:0",\#(members)}"#.utf8))
    }

    private static func user(_ content: String) -> String {
        #""messages":[{"role":"user","content":\#(content)}]"#
    }

    private static func other(_ member: String) -> String { user(#""a""#) + "," + member }

    private static func calls(_ call: String, result: String) -> String {
        #""messages":[{"role":"user","content":"a"},{"role":"assistant","tool_calls":[\#(call)]},{"role":"tool","tool_call_id":"\#(result)"}]"#
    }
}
