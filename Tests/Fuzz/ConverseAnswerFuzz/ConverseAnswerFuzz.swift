import FoundationEssentials

@testable import Dialects

/// Only JSON in UTF-8 becomes a chat completion, which is JSON in UTF-8 of a proportionate length, and so are the
/// arguments of its tool calls. Everything else is an error with a status and a message, which has no control
/// characters, ARNs and account ids.
enum ConverseAnswerFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        var context = ChatContext(id: "chatcmpl-1", created: 1, model: "a")
        for schemaTool in [nil, "a"] {
            context.schemaTool = schemaTool
            // With typed throws, every error is a `BedrockFailure`.
            do throws(BedrockFailure) {
                let output = try ConverseAnswer.chatCompletion(input, context)
                require(isJSON(input), "an answer is read that isn't JSON")
                check(output, from: input)
            } catch {
                check(error)
            }
        }
        let name = String(decoding: input.prefix { $0 != UInt8(ascii: "{") }, as: UTF8.self)
        let body = Array(input.drop { $0 != UInt8(ascii: "{") })
        for status in [200, 400, 403, 500] { check(BedrockFailure(status: status, errorType: name, body: body)) }
    }

    private static func check(_ output: [UInt8], from input: [UInt8]) {
        require(isJSON(output), "the completion isn't JSON")
        require(output.count <= 4 * input.count + 1000, "the completion is too long")
        // Foundation refuses unpaired surrogates, which JSON allows.
        guard let completion = try? JSONDecoder().decode(Completion.self, from: Data(output)) else { return }
        for call in completion.choices.flatMap({ $0.message.calls ?? [] }) {
            require(isJSON(Array(call.function.arguments.utf8)), "the arguments of a tool call aren't JSON")
        }
    }

    private static func check(_ failure: BedrockFailure) {
        require((400..<600).contains(failure.status), "an error has the status \(failure.status)")
        require(isJSON(failure.body), "the body of an error isn't JSON")
        let message = failure.message
        let isClean = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        require(isClean && !message.isEmpty, "a message is empty or has control characters")
        require(!message.contains("arn:aws"), "a message has an ARN")
        let digits = message.utf8.split { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        require(!digits.contains { $0.count == 12 }, "a message has an account id")
        require(message.unicodeScalars.count <= 3000, "a message is too long")
    }

    private static func isJSON(_ text: [UInt8]) -> Bool {
        String(validating: text, as: UTF8.self) != nil && JSONGrammar.accepts(text)
    }
}

/// The part of a chat completion that is checked.
private struct Completion: Decodable {
    struct Choice: Decodable { let message: Message }
    struct Message: Decodable {
        let calls: [Call]?

        enum CodingKeys: String, CodingKey { case calls = "tool_calls" }
    }
    struct Call: Decodable { let function: Function }
    struct Function: Decodable { let arguments: String }

    let choices: [Choice]
}
