import Dialects
import Testing

/// How OpenAI's parameters become Converse's. The messages and tools have tests of their own.
@Suite("Converse's request")
struct ConverseRequestTests {
    @Test("A short request becomes the shortest one of Converse")
    func translatesShort() throws {
        let request = try ConverseRequest(
            Array(#"{"model":"amazon.nova-lite-v1:0","messages":[{"role":"user","content":"Hi"}]}"#.utf8))
        #expect(request.path == "/model/amazon.nova-lite-v1%3A0/converse")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"messages":[{"role":"user","content":[{"text":"Hi"}]}]}"#)
        #expect(!request.isStream && !request.includesUsage && request.schemaTool == nil)
        #expect(request.model == "amazon.nova-lite-v1:0")
    }

    @Test(
        "The path has the model as one segment",
        arguments: [
            ("us.amazon.nova-lite-v1:0", "us.amazon.nova-lite-v1%3A0"),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0",
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.amazon.nova-lite-v1%3A0"
            ),
        ])
    func escapesModel(model: String, segment: String) throws {
        let request = try Converted(#""stream":true,"stream_options":{"include_usage":true}"#, model: model).request
        #expect(request.path == "/model/\(segment)/converse-stream")
        #expect(request.isStream && request.includesUsage)
    }

    @Test(
        "A model that can't be one of Bedrock's is refused",
        arguments: [
            ("..", "model_not_found"), (".", "model_not_found"), ("a b", "model_not_found"), ("é", "model_not_found"),
            ("a?b", "model_not_found"),
            ("", "model_missing"), (String(repeating: "a", count: 2049), "model_not_found"),
        ])
    func refusesModel(model: String, code: String) {
        let refusal = #expect(throws: RequestRefusal.self) { try Converted("", model: model) }
        #expect(refusal?.code == code)
        #expect(refusal?.param == "model")
    }

    private static let claude = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    private static let newClaude = "global.anthropic.claude-sonnet-4-6"
    private static let nova = "amazon.nova-2-lite-v1:0"

    @Test(
        "Parameters are written in Converse's words",
        arguments: [
            (claude, #""max_tokens":5"#, #""inferenceConfig":{"maxTokens":5}"#),
            (claude, #""max_tokens":5,"max_completion_tokens":7"#, #""inferenceConfig":{"maxTokens":7}"#),
            (claude, #""temperature":0.50,"top_p":1"#, #""inferenceConfig":{"temperature":0.50}"#),
            (claude, #""top_p":0.9,"temperature":null"#, #""inferenceConfig":{"topP":0.9}"#),
            (nova, #""temperature":0.5,"top_p":1e-1"#, #""inferenceConfig":{"temperature":0.5,"topP":1e-1}"#),
            ("us.openai.gpt-6-sol", #""temperature":1,"top_p":1"#, ""),
            (claude, #""stop":"END""#, #""inferenceConfig":{"stopSequences":["END"]}"#),
            (claude, #""stop":["a","","b"]"#, #""inferenceConfig":{"stopSequences":["a","b"]}"#),
            (claude, #""stop":[]"#, ""), (claude, #""stop":null"#, ""),
            (claude, #""service_tier":"flex""#, #""serviceTier":{"type":"flex"}"#),
            (claude, #""service_tier":"auto""#, ""),
            (claude, #""metadata":{"team":"a b"}"#, #""requestMetadata":{"team":"a b"}"#),
            (claude, #""metadata":{"team":"ä"}"#, ""), (claude, #""metadata":{}"#, ""),
            (claude, #""metadata":{"n":1}"#, ""),
            (
                claude,
                #"""
                "n":1,"logprobs":false,"logit_bias":{},"presence_penalty":0,"frequency_penalty":0.0,\#
                "modalities":["text"]
                """#,
                ""
            ),
            (claude, #""user":"u","store":true,"seed":1,"verbosity":"low","unknown":{"x":[1]}"#, ""),
            (claude, #""additional_model_request_fields":{"top_k":5}"#, #""additionalModelRequestFields":{"top_k":5}"#),
        ])
    func translates(model: String, members: String, expected: String) throws {
        #expect(try Converted(members, model: model).rest == expected)
    }

    @Test(
        "A reasoning effort is written in the words of the model's family",
        arguments: [
            (claude, #""reasoning_effort":"low""#, #"{"thinking":{"type":"enabled","budget_tokens":1024}}"#),
            (claude, #""reasoning_effort":"none""#, nil),
            (
                claude, #""reasoning_effort":"high","max_tokens":2001"#,
                #"{"thinking":{"type":"enabled","budget_tokens":2000}}"#
            ),
            (claude, #""reasoning_effort":"high","max_tokens":1024"#, nil),
            (
                newClaude, #""reasoning_effort":"minimal""#,
                #"{"thinking":{"type":"adaptive"},"output_config":{"effort":"low"}}"#
            ),
            (
                newClaude, #""reasoning_effort":"xhigh""#,
                #"{"thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}}"#
            ),
            (
                nova, #""reasoning_effort":"xhigh""#,
                #"{"reasoningConfig":{"type":"enabled","maxReasoningEffort":"high"}}"#
            ),
            ("openai.gpt-oss-20b-1:0", #""reasoning_effort":"medium""#, #"{"reasoning_effort":"medium"}"#),
            ("openai.gpt-6-sol", #""reasoning_effort":"none""#, #"{"reasoning":{"effort":"none"}}"#),
            ("us.meta.llama3-3-70b-instruct-v1:0", #""reasoning_effort":"high""#, nil),
            (
                "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x", #""reasoning_effort":"high""#,
                nil
            ),
            (
                claude, #""thinking":{"type":"enabled","budget_tokens":3000}"#,
                #"{"thinking":{"type":"enabled","budget_tokens":3000}}"#
            ),
            (nova, #""thinking":{"type":"enabled","budget_tokens":3000}"#, nil),
            (claude, #""reasoning_effort":"low","additional_model_request_fields":{"thinking":1}"#, #"{"thinking":1}"#),
            // Claude can't be made to call a tool while it thinks.
            (
                claude,
                #"""
                "reasoning_effort":"low","tools":[{"type":"function","function":{"name":"f"}}],\#
                "tool_choice":"required"
                """#,
                nil
            ),
        ] as [(String, String, String?)])
    func reasons(model: String, members: String, expected: String?) throws {
        #expect(try Converted(members, model: model)["additionalModelRequestFields"] == expected)
    }

    @Test("Claude gets no temperature while it thinks")
    func thinksWithoutTemperature() throws {
        let converted = try Converted(
            #""reasoning_effort":"low","temperature":0,"max_tokens":5000"#, model: Self.claude)
        #expect(converted["inferenceConfig"] == #"{"maxTokens":5000}"#)
    }

    @Test(
        "What Converse doesn't have is refused by name",
        arguments: [
            ("n", "2"), ("n", "\"1\""), ("logprobs", "true"), ("top_logprobs", "2"), ("logit_bias", #"{"5":1}"#),
            ("frequency_penalty", "0.1"),
            ("presence_penalty", "-1"), ("functions", "[]"), ("function_call", "\"auto\""), ("audio", "{}"),
            ("prediction", "{}"), ("moderation", #"{"model":"omni-moderation-latest"}"#),
            ("web_search_options", "{}"), ("modalities", #"["text","audio"]"#), ("modalities", "\"audio\""),
        ])
    func refuses(name: String, value: String) {
        let refusal = #expect(throws: RequestRefusal.self) { try Converted("\"\(name)\":\(value)") }
        #expect(refusal?.param == name)
        #expect(refusal?.code == "unsupported_parameter")
        #expect(refusal?.message.contains("'\(name)'") == true)
    }

    @Test(
        "A value of the wrong kind is refused with its place",
        arguments: [
            ("max_tokens", "0"), ("max_tokens", "\"5\""), ("max_completion_tokens", "1.5"), ("temperature", "\"hot\""),
            ("top_p", "true"),
            ("stop", "5"), ("stop", "[1]"), ("service_tier", "\"scale\""), ("reasoning_effort", "\"huge\""),
            ("reasoning_effort", "1"),
            ("thinking", "true"), ("additional_model_request_fields", "[]"), ("tools", "{}"), ("tool_choice", "1"),
        ])
    func refusesKinds(name: String, value: String) {
        let refusal = #expect(throws: RequestRefusal.self) { try Converted("\"\(name)\":\(value)") }
        #expect(refusal?.param == name)
        #expect(refusal?.code == "invalid_value")
    }

    @Test("A body that isn't an object is refused", arguments: ["", "[]", "{", "1"])
    func refusesBodies(body: String) {
        #expect(throws: RequestRefusal.self) { try ConverseRequest(Array(body.utf8)) }
    }
}

/// A request of Converse that was made of OpenAI's.
struct Converted {
    let request: ConverseRequest

    /// - Parameter members: those besides `model` and, if there are none among them, `messages`.
    init(_ members: String, model: String = "anthropic.claude-sonnet-4-5-20250929-v1:0") throws(RequestRefusal) {
        let messages = members.contains("\"messages\"") ? "" : #","messages":[{"role":"user","content":"Hi"}]"#
        let more = members.isEmpty ? "" : "," + members
        request = try ConverseRequest(Array("{\"model\":\"\(model)\"\(messages)\(more)}".utf8))
    }

    var text: String { String(decoding: request.body, as: UTF8.self) }

    /// The text of a member's value; nil if there is none. The text has no white space.
    subscript(_ key: String) -> String? {
        let members = JSONText.members(of: text)
        return members.first { $0.0 == key }?.1
    }

    /// The members besides the messages.
    var rest: String {
        JSONText.members(of: text).filter { $0.0 != "messages" }.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    }
}

/// Splits compact JSON without the code that is tested.
enum JSONText {
    static func members(of object: String) -> [(String, String)] {
        parts(of: object).map { member in
            let end = member.dropFirst().firstIndex(of: "\"") ?? member.endIndex
            return (String(member[..<end].dropFirst()), String(member[end...].dropFirst(2)))
        }
    }

    /// What stands between the commas of an object or an array.
    static func parts(of text: String) -> [String] {
        var (parts, part, depth, isString, isEscaped) = ([String](), "", 0, false, false)
        for character in text.dropFirst().dropLast() {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isString = false
                }
            } else {
                switch character {
                case "\"": isString = true
                case "{", "[": depth += 1
                case "}", "]": depth -= 1
                case "," where depth == 0:
                    parts.append(part)
                    part = ""
                    continue
                default: break
                }
            }
            part.append(character)
        }
        return part.isEmpty ? parts : parts + [part]
    }
}
