import Dialects
import Testing

@Suite("Responses with Bedrock's embeddings")
struct EmbeddingResponseTests {
    private static let titan = "amazon.titan-embed-text-v2:0"
    private static let cohere = "cohere.embed-english-v3"
    private static let nova = "amazon.nova-2-multimodal-embeddings-v1:0"

    /// A model, the responses to its calls, their headers, the vectors and the tokens.
    private static let answers: [(String, [String], [Int?], [String], Int)] = [
        (titan, [#"{"embedding":[0.5,-2],"inputTextTokenCount":3}"#], [nil], ["[0.5,-2]"], 3),
        (
            titan, [#"{"inputTextTokenCount":3,"embeddingsByType":{"float":[9]},"embedding":[ 0.5 , -2E0 ]}"#], [4],
            ["[ 0.5 , -2E0 ]"], 4
        ),
        (
            titan, [#"{"embedding":[1],"inputTextTokenCount":3}"#, #"{"embedding":[2],"inputTextTokenCount":4}"#],
            [nil, nil], ["[1]", "[2]"], 7
        ),
        (titan, [#"{"embedding":[1]}"#], [nil], ["[1]"], 0),
        (titan, [#"{"embedding":[1],"inputTextTokenCount":-1}"#], [nil], ["[1]"], 0),
        (
            titan, [#"{"embedding":[1],"inputTextTokenCount":9223372036854775807}"#, #"{"embedding":[2]}"#],
            [nil, .max], ["[1]", "[2]"], 0
        ),
        (cohere, [#"{"id":"x","texts":["a","b"],"embeddings":[[1,2],[3,4]]}"#], [9], ["[1,2]", "[3,4]"], 9),
        (
            cohere, [#"{"embeddings":{"int8":[[7],[8]],"float":[[1],[3]]},"texts":["a","b"]}"#], [9],
            ["[1]", "[3]"], 9
        ),
        (cohere, [#"{"embeddings":[[1],[3]]}"#], [nil], ["[1]", "[3]"], 0),
        (nova, [#"{"embeddings":[{"embeddingType":"TEXT","embedding":[0.25]}]}"#], [5], ["[0.25]"], 5),
        (nova, [#"{"embeddings":[{"embedding":[0.25]}],"inputTokenCount":6}"#], [nil], ["[0.25]"], 6),
    ]

    @Test("Vectors pass as Bedrock wrote them, in the order of the texts, and tokens are added up", arguments: answers)
    func joins(model: String, answers: [String], headers: [Int?], vectors: [String], tokens: Int) throws {
        let data = vectors.enumerated()
            .map { #"{"object":"embedding","index":\#($0.offset),"embedding":\#($0.element)}"# }
        #expect(
            try response(to: model, texts: vectors.count, answers, headers) == """
                {"object":"list","data":[\(data.joined(separator: ","))],"model":"\(model)",\
                "usage":{"prompt_tokens":\(tokens),"total_tokens":\(tokens)}}
                """)
    }

    @Test(
        "In base64, a vector is little-endian 32-bit floats",
        arguments: [
            ("[0.5,-2]", "AAAAPwAAAMA="), ("[ 5e-1 ,\n-2.0\t]", "AAAAPwAAAMA="), ("[-0]", "AAAAgA=="),
            ("[0.1]", "zczMPQ=="), ("[1e-400]", "AAAAAA=="),
        ])
    func encodes(vector: String, expected: String) throws {
        let answer = #"{"embedding":\#(vector)}"#
        let found = try response(to: Self.titan, texts: 1, [answer], [2], members: #","encoding_format":"base64""#)
        #expect(found.contains(#","embedding":"\#(expected)"}]"#), "\(found)")
    }

    /// A model, the number of texts, and the response to its one call.
    private static let malformed = [
        (titan, 1, ""), (titan, 1, "[]"), (titan, 1, "null"), (titan, 1, "{}"), (titan, 1, #"{"message":"no"}"#),
        (titan, 1, #"{"embedding":null}"#), (titan, 1, #"{"embedding":[]}"#), (titan, 1, #"{"embedding":[1}"#),
        (titan, 1, #"{"embedding":[NaN]}"#), (titan, 1, #"{"embedding":["1"]}"#), (titan, 1, #"{"embedding":[[1]]}"#),
        (titan, 1, #"{"embedding":[1,null]}"#), (titan, 1, #"{"embedding":[true]}"#), (titan, 1, #"{"embedding":1}"#),
        (titan, 1, #"{"embedding":{"0":1}}"#), (titan, 1, #"{"embedding":[1],"embedding":[1]}"#),
        (titan, 1, #"{"embedding":[1]} {}"#), (titan, 1, #"{"embedding":[1],"inputTextTokenCount":"3"}"#),
        (titan, 1, "<html>"), (cohere, 2, #"{"embeddings":[[1]]}"#), (cohere, 2, #"{"embeddings":[[1],[2],[3]]}"#),
        (cohere, 2, #"{"embeddings":[[1],[]]}"#), (cohere, 2, #"{"embeddings":{"int8":[[1],[2]]}}"#),
        (cohere, 2, #"{"embeddings":{"float":{"a":[1]}}}"#), (cohere, 2, #"{"embeddings":"[[1],[2]]"}"#),
        (nova, 1, #"{"embeddings":[{"embeddingType":"TEXT"}]}"#), (nova, 1, #"{"embeddings":[]}"#),
        (titan, 1, #"{"embedding":\#(String(repeating: "[", count: 100_000))"#),
    ]

    @Test("A response that isn't in the documented form is an error", arguments: malformed)
    func refuses(model: String, texts: Int, answer: String) {
        let error = #expect(throws: BedrockFailure.self) {
            try response(to: model, texts: texts, [answer], [1])
        }
        #expect(error?.status == 502)
    }

    @Test(
        "An error with a status of success is an error",
        arguments: [
            (#"{"message":"Too many tokens, please wait before trying again."}"#, 429),
            (#"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}"#, 502),
        ])
    func findsError(answer: String, status: Int) {
        let error = #expect(throws: BedrockFailure.self) { try response(to: Self.titan, texts: 1, [answer], [1]) }
        #expect(error?.status == status)
    }

    @Test("The log says what is wrong with a response")
    func tellsOwner() {
        let answer = #"{"embeddings":[[1],[2],[3]]}"#
        let error = #expect(throws: BedrockFailure.self) { try response(to: Self.cohere, texts: 2, [answer], [1]) }
        #expect(error?.detail == "The response has 3 vectors for 2 texts.")
    }

    @Test("A number that is too large for a 32-bit float is an error in base64", arguments: ["1e39", "-1e999"])
    func refusesLarge(number: String) {
        #expect(throws: BedrockFailure.self) {
            try response(
                to: Self.titan, texts: 1, [#"{"embedding":[\#(number)]}"#], [1],
                members: #","encoding_format":"base64""#)
        }
    }

    @Test("A vector with another length than requested is an error")
    func checksLength() throws {
        let vector = Array(repeating: "0", count: 256).joined(separator: ",")
        let members = #","dimensions":256"#
        _ = try response(to: Self.titan, texts: 1, [#"{"embedding":[\#(vector)]}"#], [1], members: members)
        for other in ["\(vector),0", "0"] {
            #expect(throws: BedrockFailure.self) {
                try response(to: Self.titan, texts: 1, [#"{"embedding":[\#(other)]}"#], [1], members: members)
            }
        }
    }

    @Test("A response that is cut off anywhere is an error")
    func refusesCut() {
        let answer = #"{"embeddings":{"float":[[0.5,1],[2,3]]}}"#
        for length in 0..<answer.utf8.count {
            #expect(throws: BedrockFailure.self) {
                try response(to: Self.cohere, texts: 2, [String(answer.prefix(length))], [1])
            }
        }
    }

    @Test("Each call needs a response")
    func needsAll() {
        let answer = #"{"embedding":[1]}"#
        for (answers, headers) in [([answer], [1]), ([answer, answer], [1]), ([], [])] {
            #expect(throws: BedrockFailure.self) { try response(to: Self.titan, texts: 2, answers, headers) }
        }
    }

    private func response(
        to model: String, texts: Int, _ answers: [String], _ headers: [Int?], members: String = ""
    ) throws -> String {
        let input = Array(repeating: #""a""#, count: texts).joined(separator: ",")
        let request = try embeddings(#"{"model":"\#(model)","input":[\#(input)]\#(members)}"#)
        return String(decoding: try request.response(answers.map { Array($0.utf8) }, tokens: headers), as: UTF8.self)
    }
}
