import Dialects
import JSONBytes
import Testing

@Suite("Requests for Bedrock's embeddings")
struct BedrockEmbeddingsTests {
    /// One text, with other members of OpenAI's request, and what Bedrock is asked.
    private static let bodies = [
        ("amazon.titan-embed-text-v1", "", #"{"inputText":"hi"}"#),
        ("amazon.titan-embed-g1-text-02", "", #"{"inputText":"hi"}"#),
        ("amazon.titan-embed-text-v2:0", "", #"{"inputText":"hi"}"#),
        ("amazon.titan-embed-text-v2:0", #","dimensions":256"#, #"{"inputText":"hi","dimensions":256}"#),
        ("amazon.titan-embed-text-v2:0", #","dimensions":512.0"#, #"{"inputText":"hi","dimensions":512}"#),
        ("amazon.titan-embed-text-v2:0", #","input_type":"no","truncate":1"#, #"{"inputText":"hi"}"#),
        (
            "cohere.embed-english-v3", "",
            #"{"texts":["hi"],"input_type":"search_document","embedding_types":["float"]}"#
        ),
        (
            "cohere.embed-multilingual-v3", #","input_type":"search_query","truncate":"END""#,
            #"{"texts":["hi"],"input_type":"search_query","truncate":"END","embedding_types":["float"]}"#
        ),
        (
            "cohere.embed-v4:0", #","dimensions":1536,"truncate":"RIGHT""#,
            #"{"texts":["hi"],"input_type":"search_document","truncate":"RIGHT","embedding_types":["float"],"#
                + #""output_dimension":1536}"#
        ),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0", "",
            #"{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":"#
                + #"{"embeddingPurpose":"GENERIC_INDEX","text":{"truncationMode":"NONE","value":"hi"}}}"#
        ),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0", #","dimensions":384"#,
            #"{"schemaVersion":"nova-multimodal-embed-v1","taskType":"SINGLE_EMBEDDING","singleEmbeddingParams":"#
                + #"{"embeddingPurpose":"GENERIC_INDEX","embeddingDimension":384,"#
                + #""text":{"truncationMode":"NONE","value":"hi"}}}"#
        ),
    ]

    @Test("Each family gets a body of its own", arguments: bodies)
    func writesBody(model: String, members: String, expected: String) throws {
        let calls = try embeddings(#"{"input":"hi","model":"\#(model)"\#(members)}"#).calls
        #expect(calls.map { String(decoding: $0.body, as: UTF8.self) } == [expected])
    }

    @Test(
        "The path has the whole id, from which the family is known",
        arguments: [
            ("amazon.titan-embed-text-v1", "amazon.titan-embed-text-v1"),
            ("amazon.titan-embed-text-v2:0", "amazon.titan-embed-text-v2%3A0"),
            ("amazon.titan-embed-text-v2:0:8k", "amazon.titan-embed-text-v2%3A0%3A8k"),
            ("us.cohere.embed-v4:0", "us.cohere.embed-v4%3A0"),
            ("us-gov.cohere.embed-english-v3", "us-gov.cohere.embed-english-v3"),
            (
                "arn:aws:bedrock:us-east-1:123456789012:inference-profile/global.cohere.embed-v4:0",
                "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fglobal.cohere.embed-v4%3A0"
            ),
            (
                "arn:aws:bedrock:eu-west-1::foundation-model/amazon.titan-embed-text-v2:0",
                "arn%3Aaws%3Abedrock%3Aeu-west-1%3A%3Afoundation-model%2Famazon.titan-embed-text-v2%3A0"
            ),
        ])
    func encodesPath(model: String, segment: String) throws {
        let calls = try embeddings(#"{"model":"\#(model)","input":"hi"}"#).calls
        #expect(calls.map(\.path) == ["/model/\(segment)/invoke"])
    }

    @Test(
        "As many texts go into a call as the family takes, in their order",
        arguments: [
            ("amazon.titan-embed-text-v2:0", 3, [1, 1, 1]), ("amazon.nova-2-multimodal-embeddings-v1:0", 2, [1, 1]),
            ("cohere.embed-english-v3", 96, [96]), ("cohere.embed-v4:0", 200, [96, 96, 8]),
            ("amazon.titan-embed-text-v1", 2048, Array(repeating: 1, count: 2048)),
        ])
    func dividesTexts(model: String, count: Int, expected: [Int]) throws {
        let texts = (0..<count).map { "text \($0)." }
        let calls = try embeddings(request(model, texts)).calls
        let found = calls.map { call in
            String(decoding: call.body, as: UTF8.self).split(separator: "\"").filter { $0.hasPrefix("text ") }
        }
        #expect(found.map(\.count) == expected)
        #expect(found.flatMap { $0 }.map(String.init) == texts)
    }

    @Test("A text keeps its escapes and its white space")
    func keepsEscapes() throws {
        let text = #""\u00e9\ud83d\ude00\n \/ é""#
        for input in [text, " [ \(text) ] "] {
            let calls = try embeddings(#"{"model":"amazon.titan-embed-text-v2:0","input":\#(input)}"#).calls
            #expect(calls.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"inputText":\#(text)}"#])
        }
    }

    @Test("The calls together aren't much longer than the request")
    func staysInProportion() throws {
        let body = request("cohere.embed-v4:0", Array(repeating: String(repeating: "a", count: 500), count: 2048))
        let size = try embeddings(body).calls.reduce(0) { $0 + $1.path.utf8.count + $1.body.count }
        #expect(size < body.utf8.count * 3 / 2)
        let long = "us." + String(repeating: "a", count: 3000) + ".cohere.embed-v4:0"
        #expect(throws: RequestRefusal.self) { try embeddings(request(long, ["hi"])) }
    }

    /// Members of a request to Titan v2, with the place that the refusal names and a part of its sentence.
    private static let refusals = [
        (#""input":"""#, "input", "empty string"), (#""input":["a",""]"#, "input.1", "empty string"),
        (#""input":[]"#, "input", "at least one"), (#""input":[1,2,3]"#, "input.0", "tokens"),
        (#""input":[[1,2],[3]]"#, "input.0", "tokens"), (#""input":5"#, "input", "tokens"),
        (#""input":["a",{"text":"b"}]"#, "input.1", "a string"), (#""input":[null]"#, "input.0", "a string"),
        (#""input":null"#, "input", "a string"), (#""input":true"#, "input", "a string"),
        (#""user":"u""#, "input", "missing"), (#""input":"a","input":"""#, "input", "empty string"),
        (#""input":"a","dimensions":100"#, "dimensions", "256, 512, 1024"),
        (#""input":"a","dimensions":"256""#, "dimensions", "256, 512, 1024"),
        (#""input":"a","dimensions":256.5"#, "dimensions", "256, 512, 1024"),
        (#""input":"a","dimensions":1e99"#, "dimensions", "256, 512, 1024"),
        (#""input":"a","encoding_format":"int8""#, "encoding_format", "float, base64"),
        (#""input":"a","encoding_format":["float"]"#, "encoding_format", "float, base64"),
    ]

    @Test("What Bedrock can't do is refused, with its place", arguments: refusals)
    func refuses(members: String, param: String, words: String) {
        let error = #expect(throws: RequestRefusal.self) {
            try embeddings(#"{"model":"amazon.titan-embed-text-v2:0",\#(members)}"#)
        }
        #expect(error?.param == param)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "A member is checked against the family",
        arguments: [
            ("amazon.titan-embed-text-v1", #""dimensions":1536"#, "dimensions", "leave out"),
            ("cohere.embed-english-v3", #""dimensions":1024"#, "dimensions", "leave out"),
            ("cohere.embed-v4:0", #""dimensions":384"#, "dimensions", "256, 512, 1024, 1536"),
            ("amazon.nova-2-multimodal-embeddings-v1:0", #""dimensions":512"#, "dimensions", "256, 384, 1024, 3072"),
            ("cohere.embed-v4:0", #""input_type":"image""#, "input_type", "search_query"),
            ("cohere.embed-v4:0", #""truncate":"END""#, "truncate", "NONE, LEFT, RIGHT"),
            ("cohere.embed-english-v3", #""truncate":"LEFT""#, "truncate", "NONE, START, END"),
        ])
    func checksFamily(model: String, members: String, param: String, words: String) {
        let error = #expect(throws: RequestRefusal.self) {
            try embeddings(#"{"model":"\#(model)","input":"hi",\#(members)}"#)
        }
        #expect(error?.param == param)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test(
        "An unknown embedding model is refused, and the message lists the known ones",
        arguments: [
            "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3", "amazon.nova-pro-v1:0",
            "titan-embed-text-v2:0", "cohere.embed-v40", "amazon.titan-embed-text-v2.extra", "/", ".", ":", "a.:",
            "cohere.embed-v4\u{301}",
        ])
    func refusesModel(model: String) {
        let error = #expect(throws: RequestRefusal.self) { try embeddings(request(model, ["hi"])) }
        #expect(error?.param == "model")
        #expect(error?.code == "model_not_found")
        #expect(error?.message.contains("amazon.titan-embed-text-v2") == true)
    }

    @Test("A missing model, or one that isn't a string, is refused", arguments: ["", #""model":"","#, #""model":7,"#])
    func needsModel(member: String) {
        let error = #expect(throws: RequestRefusal.self) { try embeddings(#"{\#(member)"input":"hi"}"#) }
        #expect(error?.param == "model")
    }

    @Test("More than OpenAI's limit of 2,048 texts are refused")
    func limitsTexts() {
        let error = #expect(throws: RequestRefusal.self) {
            try embeddings(request("cohere.embed-v4:0", Array(repeating: "a", count: 2049)))
        }
        #expect(error?.param == "input")
        #expect(error?.message.contains("2048") == true)
    }

    @Test("Members that Bedrock has no use for are ignored, and null counts as missing")
    func ignoresMembers() throws {
        let calls = try embeddings(
            """
            {"user":"u","extra":{"a":[1]},"model":"amazon.titan-embed-text-v2:0","dimensions":null,\
            "encoding_format":null,"input":"hi"}
            """
        ).calls
        #expect(calls.map { String(decoding: $0.body, as: UTF8.self) } == [#"{"inputText":"hi"}"#])
    }

    private func request(_ model: String, _ texts: [String]) -> String {
        let input = JSONValue.array(texts.map { .string($0) })
        let body = JSONValue.object([("model", .string(model)), ("input", input)])
        return String(decoding: body.serialized, as: UTF8.self)
    }
}

func embeddings(_ body: String) throws -> BedrockEmbeddings { try BedrockEmbeddings(Array(body.utf8)) }
