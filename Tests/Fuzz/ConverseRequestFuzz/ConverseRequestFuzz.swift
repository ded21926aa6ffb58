import FoundationEssentials

@testable import Dialects

/// Only a JSON object becomes a request, and that is JSON of a proportionate length: its turns alternate and begin with
/// the user, no text is blank, and each tool call has exactly one result, in the next turn. Everything else is refused
/// with a short message.
enum ConverseRequestFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        // With typed throws, every error is a `RequestRefusal`.
        do throws(RequestRefusal) {
            let request = try ConverseRequest(input)
            require(JSONGrammar.accepts(input), "a request is read that isn't JSON")
            require(request.path.utf8.allSatisfy(isInPath), "a path isn't percent-encoded")
            check(request.body, from: input)
        } catch {
            require(!error.message.isEmpty && error.message.utf8.count < 1000, "a refusal is empty or too long")
        }
    }

    private static func isInPath(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "%/._~-".utf8.contains(byte)
    }

    private static func check(_ body: [UInt8], from input: [UInt8]) {
        // Each call gets a description, and each empty result a text.
        require(body.count <= 10 * input.count + 1000, "the request is too long")
        // The fuzzer's inputs have no room for the depth at which a schema would become too deep.
        require(JSONGrammar.accepts(body), "the request isn't JSON")
        // Foundation refuses unpaired surrogates and deep nesting, which JSON allows.
        guard let request = try? JSONDecoder().decode(Request.self, from: Data(body)) else { return }
        for (index, turn) in request.messages.enumerated() {
            require(turn.role == (index % 2 == 0 ? "user" : "assistant"), "the turns don't alternate")
            require(!turn.content.isEmpty, "a turn is empty")
            require(turn.content.first?.cachePoint == nil, "a turn begins with a cache point")
            let next = index + 1 < request.messages.count ? request.messages[index + 1].content : []
            let calls = turn.content.compactMap(\.toolUse?.toolUseId).sorted()
            require(calls == next.compactMap(\.toolResult?.toolUseId).sorted(), "calls and results differ")
            require(Set(calls).count == calls.count, "two calls have the same id")
            require(calls.allSatisfy { (1...64).contains($0.utf8.count) }, "an id is too long")
            turn.content.forEach(check)
        }
        require(request.messages.first?.content.contains { $0.toolResult != nil } != true, "a result has no call")
        request.system?.forEach(check)
    }

    private static func check(_ block: Block) {
        if let text = block.text { require(!isBlank(text), "a text is blank") }
        if let result = block.toolResult {
            require(!result.content.isEmpty, "a result is empty")
            result.content.forEach(check)
        }
    }

    private static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(\.properties.isWhitespace) }
}

/// The part of a request that is checked.
private struct Request: Decodable {
    let messages: [Turn]
    let system: [Block]?
}

private struct Turn: Decodable {
    let role: String
    let content: [Block]
}

private struct Block: Decodable {
    struct Call: Decodable { let toolUseId: String }
    struct Result: Decodable {
        let toolUseId: String
        let content: [Block]
    }
    struct CachePoint: Decodable { let type: String }

    let text: String?
    let toolUse: Call?
    let toolResult: Result?
    let cachePoint: CachePoint?
}
