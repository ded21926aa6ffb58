import Testing

@testable import Proxy

@Suite struct UsageReaderTests {
    private func usage(in text: some Sequence<UInt8>) -> TokenUsage? { UsageReader.usage(in: Array(text)) }

    @Test(
        "A usage is read whatever follows it, and ignored if it is cut off",
        arguments: [
            // OpenAI, and providers with the same format.
            (#"{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21}"#, 9, 12, 0),
            (
                #"""
                {"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
                 "prompt_tokens_details":{"cached_tokens":1920,"audio_tokens":0},
                 "completion_tokens_details":{"reasoning_tokens":7,"accepted_prediction_tokens":0}}
                """#, 2006, 300, 1920
            ),
            // The Responses API.
            (
                #"""
                {"input_tokens":36,"input_tokens_details":{"cached_tokens":4},"output_tokens":87,
                 "output_tokens_details":{"reasoning_tokens":0},"total_tokens":123}
                """#, 36, 87, 4
            ),
            // vLLM, an embedding, Groq with its timings, DeepSeek, and forms that no provider sends.
            (#"{"prompt_tokens":5,"total_tokens":6,"completion_tokens":1,"prompt_tokens_details":null}"#, 5, 1, 0),
            (#"{"prompt_tokens":8,"total_tokens":8}"#, 8, 0, 0), (#"{"total_tokens":8}"#, 8, 0, 0),
            (#"{"completion_tokens":3,"total_tokens":8}"#, 5, 3, 0),
            (#"{"queue_time":0.03,"prompt_tokens":1,"prompt_time":1.5e-3,"completion_tokens":2}"#, 1, 2, 0),
            (#"{"completion_tokens":2,"prompt_tokens":7,"prompt_cache_hit_tokens":0}"#, 7, 2, 0),
            (#"{"prompt_tokens":0,"completion_tokens":null}"#, 0, 0, 0),
            // Gemini and Grok count reasoning only in the total. The total of some isn't one.
            (#"{"completion_tokens":7,"prompt_tokens":21,"total_tokens":431}"#, 21, 410, 0),
            (
                #"""
                {"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,
                 "completion_tokens_details":{"reasoning_tokens":94}}
                """#, 32, 103, 0
            ),
            // There is more reasoning than output, so it isn't part of it.
            (
                #"{"prompt_tokens":7,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":100}}"#,
                7, 105, 0
            ),
            // The names of Bedrock and of the AI SDK.
            (#"{"inputTokens":7,"outputTokens":5,"totalTokens":12}"#, 7, 5, 0),
            (#"{"promptTokens":7,"completionTokens":5}"#, 7, 5, 0),
            (#"{"prompt_tokens":8,"completion_tokens":5,"total_tokens":0}"#, 8, 5, 0),
            (#"{"completion_tokens":5,"total_tokens":13}"#, 8, 5, 0),
            (#"{"completion_tokens":1000000000000}"#, 0, 1_000_000_000_000, 0),
            (#"{"prompt_tokens":3,"x":{"prompt_tokens":1}}"#, 3, 0, 0),
        ])
    func reads(text: String, input: Int, output: Int, cached: Int) {
        let expected = TokenUsage(input: input, output: output, cachedInput: cached, isEstimate: false)
        for rest in ["", " ", "}\n\n", #","usage":{}"#, "\u{0}", "["] {
            #expect(usage(in: (text + rest).utf8) == expected)
        }
        for length in 0..<text.utf8.count { #expect(usage(in: text.utf8.prefix(length)) == nil) }
    }

    @Test(
        "Cached input is counted once, whether or not the prompt's number includes it",
        arguments: [
            // The total includes cached tokens that the prompt doesn't, under any name, with reasoning too.
            (
                #"""
                {"prompt_tokens":20000,"completion_tokens":19,"total_tokens":30555,
                 "prompt_tokens_details":{"cached_tokens":10536}}
                """#, 30536, 19, 10536
            ),
            (
                #"{"prompt_tokens":20000,"completion_tokens":19,"total_tokens":30555,"cached_tokens":10536}"#,
                30536, 19, 10536
            ),
            (
                #"""
                {"prompt_tokens":20000,"completion_tokens":0,"total_tokens":30555,"cache_read_input_tokens":10536,
                 "completion_tokens_details":{"reasoning_tokens":19}}
                """#, 30536, 19, 10536
            ),
            (
                #"""
                {"prompt_tokens":368,"completion_tokens":19,"total_tokens":10923,"cache_read_input_tokens":10536}
                """#, 10_904, 19, 10_536
            ),
            (
                #"""
                {"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1510,"cache_read_input_tokens":500}
                """#, 1500, 10, 500
            ),
            (
                #"""
                {"prompt_tokens":4,"completion_tokens":5,"total_tokens":1109,"cache_read_input_tokens":800,
                 "cache_creation_input_tokens":300}
                """#, 1104, 5, 800
            ),
            (
                #"""
                {"prompt_tokens":400,"completion_tokens":5,"total_tokens":705,"cache_read_input_tokens":0,
                 "cache_creation_input_tokens":300}
                """#, 700, 5, 0
            ),
            (
                #"{"prompt_tokens":3,"completion_tokens":1,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":9}}"#,
                12, 1, 9
            ),
            // With reasoning too.
            (
                #"{"prompt_tokens":4,"completion_tokens":5,"total_tokens":839,"cache_read_input_tokens":800}"#, 804, 35,
                800
            ),
            // LiteLLM: the prompt includes it, with or without a total.
            (
                #"""
                {"prompt_tokens":15635,"completion_tokens":7,"total_tokens":15642,"cache_creation_input_tokens":15624,
                 "cache_read_input_tokens":0,"prompt_tokens_details":{"cached_tokens":0}}
                """#, 15_635, 7, 0
            ),
            (#"{"prompt_tokens":900,"completion_tokens":7,"cache_read_input_tokens":800}"#, 900, 7, 800),
            // Anthropic: the input never includes it, and there is no total. A bridge to the Responses API has one.
            (
                #"""
                {"input_tokens":2095,"cache_creation_input_tokens":0,"cache_read_input_tokens":1000,"output_tokens":503}
                """#, 3095, 503, 1000
            ),
            (
                #"""
                {"input_tokens":2,"cache_creation_input_tokens":32775,"cache_read_input_tokens":957709,
                 "output_tokens":18594}
                """#, 990_486, 18_594, 957_709
            ),
            (#"{"input_tokens":90,"output_tokens":9,"total_tokens":99,"cache_read_input_tokens":80}"#, 90, 9, 80),
            (#"{"cache_read_input_tokens":5,"output_tokens":3}"#, 5, 3, 5),
            // Gateways to Anthropic with OpenAI's names: what is more than the prompt can't be part of it.
            (
                #"""
                {"prompt_tokens":1,"completion_tokens":393,"total_tokens":394,
                 "prompt_tokens_details":{"cached_tokens":153483}}
                """#, 153_484, 393, 153_483
            ),
            (#"{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":9}}"#, 12, 0, 9),
            // Gemini, Grok: what fits into the prompt is part of it, and the rest of the total is reasoning.
            (
                #"""
                {"prompt_tokens":100,"completion_tokens":10,"total_tokens":160,
                 "prompt_tokens_details":{"cached_tokens":64},"completion_tokens_details":{"reasoning_tokens":50}}
                """#, 100, 60, 64
            ),
            (
                #"{"prompt_tokens":100,"completion_tokens":10,"total_tokens":190,"cache_read_input_tokens":64}"#, 100,
                90, 64
            ),
        ])
    func readsCached(text: String, input: Int, output: Int, cached: Int) {
        #expect(
            usage(in: text.utf8) == TokenUsage(input: input, output: output, cachedInput: cached, isEstimate: false))
    }

    @Test(
        "A number in one member isn't hidden by a 0 or null in another",
        arguments: [
            // DeepSeek, with and without the prompt's total.
            (
                #"""
                {"prompt_tokens":320,"completion_tokens":180,"total_tokens":500,"prompt_cache_hit_tokens":256,
                 "prompt_cache_miss_tokens":64}
                """#, 320, 180, 256
            ),
            (#"{"prompt_cache_hit_tokens":10,"prompt_cache_miss_tokens":5,"completion_tokens":20}"#, 15, 20, 10),
            (#"{"prompt_tokens":0,"prompt_cache_hit_tokens":0,"prompt_cache_miss_tokens":5}"#, 5, 0, 0),
            (
                #"{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":0},"prompt_cache_hit_tokens":8}"#, 9, 0, 8
            ),
            (
                #"{"prompt_cache_hit_tokens":8,"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":0}}"#, 9, 0, 8
            ),
            // Moonshot.
            (#"{"prompt_tokens":2989,"completion_tokens":7,"total_tokens":2996,"cached_tokens":2989}"#, 2989, 7, 2989),
            // one-api and new-api.
            (
                #"""
                {"prompt_tokens":12,"completion_tokens":5,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4},
                 "input_tokens":0,"output_tokens":0,"input_tokens_details":null}
                """#, 12, 5, 4
            ),
            (
                #"""
                {"input_tokens":0,"output_tokens":0,"input_tokens_details":{"cached_tokens":0},"prompt_tokens":12,
                 "completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}
                """#, 12, 5, 4
            ),
            // A 0 everywhere is 0.
            (
                #"""
                {"prompt_tokens":0,"completion_tokens":0,"total_tokens":0,"input_tokens":0,"output_tokens":0,
                 "prompt_cache_hit_tokens":0,"cache_read_input_tokens":0}
                """#, 0, 0, 0
            ),
            (#"{"total_tokens":0}"#, 0, 0, 0),
        ])
    func readsAllPlaces(text: String, input: Int, output: Int, cached: Int) {
        #expect(
            usage(in: text.utf8) == TokenUsage(input: input, output: output, cachedInput: cached, isEstimate: false))
    }

    private static let nonsense = [
        "-1", "1.5", "1000000000001", "9223372036854775807", "9223372036854775808", "1e400", "1e99", "-0.5", "\"12\"",
        "true", "[12]", "{}", "null", "NaN", "Infinity", "-Infinity", String(repeating: "9", count: 1000),
    ]

    @Test("Impossible numbers of tokens are ignored, and the others count", arguments: nonsense)
    func ignoresNumbers(number: String) {
        let counted = TokenUsage(input: 5, output: 3, cachedInput: 2, isEstimate: false)
        let details = #""prompt_tokens_details":{"cached_tokens":2}"#
        for key in ["total_tokens", "input_tokens", "cached_tokens", "prompt_cache_miss_tokens", "cost", "x"] {
            let text =
                #"{"\#(key)":\#(number),"prompt_tokens":5,"completion_tokens":3,\#(details),"\#(key)":\#(number)}"#
            #expect(usage(in: text.utf8) == counted)
        }
        for key in ["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens"] {
            #expect(usage(in: #"{"\#(key)":\#(number)}"#.utf8) == nil)
        }
    }

    @Test(
        "A number may have a decimal point or an exponent", arguments: ["12", "12.0", "1.2e1", "120E-1", "0.12e+2"])
    func readsWholeNumbers(number: String) {
        let counted = TokenUsage(input: 12, output: 12, cachedInput: 12, isEstimate: false)
        let text = #"{"prompt_tokens":\#(number),"completion_tokens":\#(number),"cached_tokens":\#(number)}"#
        #expect(usage(in: text.utf8) == counted)
    }

    @Test("Anything but JSON isn't a usage", arguments: ["", "-", "nan", "inf", "NaNs", "+1", "Inf", "-I", "01", ".5"])
    func refusesSyntax(number: String) {
        #expect(usage(in: #"{"prompt_tokens":1,"x":\#(number)}"#.utf8) == nil)
    }

    @Test("An object without token counts isn't a usage", arguments: ["{}", "null", "[]", #"{"tokens":3}"#, "1", "x"])
    func refusesOthers(text: String) {
        #expect(usage(in: text.utf8) == nil)
    }

    @Test("Nesting is bounded by a limit, not by the stack")
    func boundsDepth() {
        #expect(usage(in: (#"{"prompt_tokens":1,"x":"# + String(repeating: "[", count: 100_000)).utf8) == nil)
    }

    @Test(
        "Cached tokens have a price of their own, if the table has one",
        arguments: [(0, nil, 32), (60, nil, 32), (60, 0.05, 29), (100, 0.05, 27), (400, 0.05, 27), (100, 0, 22)]
            as [(Int, Double?, Double)])
    func costs(cached: Int, price: Double?, expected: Double) {
        let usage = TokenUsage(input: 100, output: 11, cachedInput: cached, isEstimate: false)
        let cost = usage.cost(at: Price(input: 0.1, output: 2, cachedInput: price))
        #expect(abs(cost - expected) < 1e-9)
    }
}
