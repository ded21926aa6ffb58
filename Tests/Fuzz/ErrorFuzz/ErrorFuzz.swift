@testable import Proxy

/// Any error body of a provider becomes one JSON object in OpenAI's shape, of bounded length and without control
/// characters. It passes unchanged only if it is JSON in which OpenAI's clients find the message.
enum ErrorFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        _ = input.withUnsafeBytes { JSONStart($0, isWhole: true) }
        guard let error = ReportedError(input, isCertain: true) else {
            return require(false, "a certain error is one, whatever it says")
        }
        let body = error.body(summary: "")
        require(JSONGrammar.accepts(body), "what is put into OpenAI's shape is not JSON")
        require(body.count < 40_000, "\(body.count) bytes are too many for an error")
        let hasControls = (error.text ?? "").unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        require(!hasControls && error.text != "", "the words have control characters, or are none")
        require(ReportedError(body, isCertain: false)?.isReadable == true, "OpenAI's clients don't find the words")
        if error.isReadable { require(input.contains(UInt8(ascii: "{")), "what is no object passes as one") }
    }
}
