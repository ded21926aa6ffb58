import Testing

@testable import Proxy

@Suite struct AnswerMembersTests {
    private func members(_ text: String) -> AnswerMembers { AnswerMembers(Array(text.utf8)) }

    @Test(
        "The first model that is a string and not empty is the one that has answered",
        arguments: [
            (#"{"model":"m"}"#, "m"), (#"{"model" : "a\u00e9", "model":"b"}"#, "aé"), (#"{"model":"m""#, "m"),
            (#"{"model":"","model":null,"model":"m"}"#, "m"), (#"{"model":"","model":null,"model":"m"#, nil),
            (#"{"content":"\"model\":\"x\""}"#, nil), (#"{"models":"m"}"#, nil), ("", nil), ("[]", nil), ("{", nil),
            (#"{"response":{"model":"m"}}"#, "m"), (#"{"arguments":{"model":"secret"},"model":"m"}"#, "m"),
            (#"{"tools":[{"model":"x"}],"response":{"response":{"model":"x"}}}"#, nil),
        ] as [(String, String?)])
    func findsModel(text: String, model: String?) {
        #expect(members(text).model == model)
    }

    @Test("Of a long name the beginning is kept")
    func cutsModel() {
        let name = String(repeating: "é", count: 300)
        #expect(members(#"{"model":"\#(name)"}"#).model == String(name.prefix(200)))
        let marks = "a" + String(repeating: "\u{301}", count: 5000)
        #expect(members(#"{"model":"\#(marks)"}"#).model?.unicodeScalars.count == 200)
    }

    @Test(
        "A usage counts where providers write it",
        arguments: [
            (#"{"usage":{"a":1}}"#, #"{"a":1}"#), (#"{"usage":{"a":1},"usage":{"b":2}}"#, #"{"b":2}"#),
            (#"{"response":{"usage":{"a":1}}}"#, #"{"a":1}"#), (#"{"x_groq":{"usage":{"a":1}}}"#, #"{"a":1}"#),
            (#"{"usage":{"a":1},"tools":[{"properties":{"usage":{"b":2}}}]}"#, #"{"a":1}"#),
            (#"{"usage":null}"#, nil), (#"{"tools":[{"usage":{"b":2}}]}"#, nil), (#"{"x":{"usage":{"b":2}}}"#, nil),
            (#"{"usage":{"a":1}"#, #"{"a":1}"#), (#"{"usage":{"a":1"#, nil),
            (#"{"response":{"response":{"usage":{"a":1}}}}"#, nil),
        ] as [(String, String?)])
    func findsUsage(text: String, usage: String?) {
        #expect(members(text).usage == usage.map { Array($0.utf8) })
    }

    @Test(
        "An event is the usage alone if it has an empty list of choices and a usage, and is whole",
        arguments: [
            (#"{"choices":[],"usage":{}}"#, true), (#"{"usage":{"a":1},"choices": [ ] } "#, true),
            (#"{"choices":[{}],"usage":{}}"#, false), (#"{"choices":{},"usage":{}}"#, false),
            (#"{"choices":[],"usage":null}"#, false), (#"{"usage":{}}"#, false), (#"{"choices":[]}"#, false),
            (#"{"choices":[],"usage":{}"#, false), (#"{"choices":[],"usage":{}}}"#, false),
        ])
    func findsUsageAlone(text: String, isAlone: Bool) {
        #expect(members(text).isUsageAlone == isAlone)
    }
}
