import Testing

@testable import Proxy

@Suite struct UsageReaderTests {
    private func usage(in text: some Sequence<UInt8>) -> Usage? { UsageReader.usage(in: Array(text)) }

    @Test(
        "What a provider has counted is read whole, whatever follows, and nothing of what is cut off",
        arguments: [
            // OpenAI, and those who write as it does.
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
            // vLLM, an embedding, Groq with its times, DeepSeek, and what nobody sends.
            (#"{"prompt_tokens":5,"total_tokens":6,"completion_tokens":1,"prompt_tokens_details":null}"#, 5, 1, 0),
            (#"{"prompt_tokens":8,"total_tokens":8}"#, 8, 0, 0), (#"{"total_tokens":8}"#, 8, 0, 0),
            (#"{"completion_tokens":3,"total_tokens":8}"#, 5, 3, 0),
            (#"{"queue_time":0.03,"prompt_tokens":1,"prompt_time":1.5e-3,"completion_tokens":2}"#, 1, 2, 0),
            (#"{"completion_tokens":2,"prompt_tokens":7,"prompt_cache_hit_tokens":0}"#, 7, 2, 0),
            (#"{"prompt_tokens":0,"completion_tokens":null}"#, 0, 0, 0),
            // Gemini and Grok have what was thought in the total only; some have a total that is none.
            (#"{"completion_tokens":7,"prompt_tokens":21,"total_tokens":431}"#, 21, 410, 0),
            (
                #"""
                {"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,
                 "completion_tokens_details":{"reasoning_tokens":94}}
                """#, 32, 103, 0
            ),
            (#"{"prompt_tokens":8,"completion_tokens":5,"total_tokens":0}"#, 8, 5, 0),
            (#"{"completion_tokens":5,"total_tokens":13}"#, 8, 5, 0),
            (#"{"completion_tokens":1000000000000}"#, 0, 1_000_000_000_000, 0),
            (#"{"prompt_tokens":3,"prompt_tokens_details":{"cached_tokens":9},"x":{"prompt_tokens":1}}"#, 3, 0, 3),
        ])
    func reads(text: String, input: Int, output: Int, cached: Int) {
        let expected = Usage(input: input, output: output, cachedInput: cached, isEstimate: false)
        for rest in ["", " ", "}\n\n", #","usage":{}"#, "\u{0}", "["] {
            #expect(usage(in: (text + rest).utf8) == expected)
        }
        for length in 0..<text.utf8.count { #expect(usage(in: text.utf8.prefix(length)) == nil) }
    }

    @Test(
        "What can't be a number of tokens makes the whole worth nothing",
        arguments: [
            "-1", "1.5", "1e3", "1000000000001", "9223372036854775807", "9223372036854775808", "1e400", "\"12\"",
            "true", "[12]", "{}", String(repeating: "9", count: 1000), "NaN", "", "-",
        ])
    func refusesNumbers(number: String) {
        for key in ["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"] {
            #expect(usage(in: #"{"prompt_tokens":1,"\#(key)":\#(number)}"#.utf8) == nil)
        }
        for key in ["prompt_tokens_details", "input_tokens_details"] {
            #expect(usage(in: #"{"prompt_tokens":1,"\#(key)":{"cached_tokens":\#(number)}}"#.utf8) == nil)
        }
    }

    @Test("What says nothing of tokens is no usage", arguments: ["{}", "null", "[]", #"{"tokens":3}"#, "1", "x"])
    func refusesOthers(text: String) {
        #expect(usage(in: text.utf8) == nil)
    }

    @Test("Nesting is bounded by a limit, not by the stack")
    func boundsDepth() {
        #expect(usage(in: (#"{"prompt_tokens":1,"x":"# + String(repeating: "[", count: 100_000)).utf8) == nil)
    }

    @Test(
        "Tokens from the cache have a price of their own, if the table gives one",
        arguments: [(0, nil, 32), (60, nil, 32), (60, 0.05, 29), (100, 0.05, 27), (400, 0.05, 27), (100, 0, 22)]
            as [(Int, Double?, Double)])
    func costs(cached: Int, price: Double?, expected: Double) {
        let usage = Usage(input: 100, output: 11, cachedInput: cached, isEstimate: false)
        let cost = usage.cost(at: Price(input: 0.1, output: 2, cachedInput: price))
        #expect(abs(cost - expected) < 1e-9)
    }
}
