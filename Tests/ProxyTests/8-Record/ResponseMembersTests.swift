import Testing

@testable import Proxy

@Suite struct ResponseMembersTests {
    private func members(_ text: String) -> ResponseMembers { ResponseMembers(Array(text.utf8)) }

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

    @Test("A long name is truncated")
    func cutsModel() {
        let name = String(repeating: "é", count: 300)
        #expect(members(#"{"model":"\#(name)"}"#).model == String(name.prefix(200)))
        let marks = "a" + String(repeating: "\u{301}", count: 5000)
        #expect(members(#"{"model":"\#(marks)"}"#).model?.unicodeScalars.count == 200)
    }

    @Test(
        "A usage counts where providers write it",
        arguments: [
            (#"{"usage":{"prompt_tokens":1}}"#, 1, 0),
            (#"{"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2}}"#, 2, 0),
            (#"{"response":{"usage":{"input_tokens":1}}}"#, 1, 0),
            (#"{"x_groq":{"usage":{"prompt_tokens":1}}}"#, 1, 0), (#"{"error":{"usage":{"prompt_tokens":1}}}"#, 1, 0),
            (#"{"choices":[{"index":0,"delta":{},"usage":{"prompt_tokens":1,"completion_tokens":2}}]}"#, 1, 2),
            (#"{"usage":null,"choices":[{"usage":null},7,{"usage":{"prompt_tokens":1}}]}"#, 1, 0),
            // The top level takes precedence, but only for what it has.
            (#"{"usage":{"prompt_tokens":2},"choices":[{"usage":{"prompt_tokens":1,"completion_tokens":3}}]}"#, 2, 3),
            (#"{"choices":[{"usage":{"prompt_tokens":1}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}"#, 1, 0),
            (#"{"usage":{"prompt_tokens":1},"tools":[{"properties":{"usage":{"prompt_tokens":2}}}]}"#, 1, 0),
            (#"{"usage":{"prompt_tokens":1}"#, 1, 0),
            (#"{"x":NaN,"y":[-Infinity,Infinity],"usage":{"prompt_tokens":1,"cost":NaN}}"#, 1, 0),
        ])
    func findsUsage(text: String, input: Int, output: Int) {
        #expect(members(text).usage == TokenUsage(input: input, output: output, cachedInput: 0, isEstimate: false))
    }

    @Test(
        "A usage doesn't count elsewhere",
        arguments: [
            #"{"usage":null}"#, #"{"tools":[{"usage":{"prompt_tokens":2}}]}"#, #"{"x":{"usage":{"prompt_tokens":2}}}"#,
            #"{"usage":{"prompt_tokens":1"#, #"{"response":{"response":{"usage":{"prompt_tokens":1}}}}"#,
            #"{"choices":[{"message":{"usage":{"prompt_tokens":1}}}]}"#, #"{"usage":{"a":1}}"#,
            #"{"choices":[[{"usage":{"prompt_tokens":1}}]]}"#, #"{"detail":[{"input":{"usage":{"prompt_tokens":1}}}]}"#,
            #"{"error":{"response":{"usage":{"prompt_tokens":1}}}}"#, #"{"error":[{"usage":{"prompt_tokens":1}}]}"#,
        ])
    func findsNoUsage(text: String) {
        #expect(members(text).usage == nil)
    }

    @Test(
        "An event has only the usage if it is complete, with an empty list of choices and a usage",
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
