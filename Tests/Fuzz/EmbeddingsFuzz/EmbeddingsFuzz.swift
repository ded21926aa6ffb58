@testable import Dialects

/// A request for embeddings, on the first line, becomes calls whose bodies are JSON, one vector for each text, or is
/// refused. The responses on the other lines become JSON, or an error with a status and a message.
enum EmbeddingsFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        let lines = input.split(separator: 0x0A, maxSplits: 4, omittingEmptySubsequences: false).map { Array($0) }
        do throws(RequestRefusal) {
            let request = try BedrockEmbeddings(lines[0])
            require(!request.calls.isEmpty, "a request has no calls")
            for call in request.calls {
                require(JSONGrammar.accepts(call.body), "the body of a call isn't JSON")
                require(call.body.count <= lines[0].count + 500, "the body of a call is too long")
                require(call.path.hasPrefix("/model/") && call.path.hasSuffix("/invoke"), "a path isn't one of a model")
                require(
                    call.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") }, "a path is wrong")
            }
            check(request, Array(lines.dropFirst()))
        } catch {
            require(!error.message.isEmpty && error.message.utf8.count < 1000, "a refusal is empty or too long")
        }
    }

    private static func check(_ request: BedrockEmbeddings, _ lines: [[UInt8]]) {
        guard !lines.isEmpty else { return }
        let answers = request.calls.indices.map { lines[$0 % lines.count] }
        for tokens in [nil, Int.max, Int.min, 1] {
            do throws(BedrockFailure) {
                let response = try request.response(answers, tokens: answers.map { _ in tokens })
                require(JSONGrammar.accepts(response), "the response isn't JSON")
                require(answers.allSatisfy(JSONGrammar.accepts), "an answer is read that isn't JSON")
            } catch {
                require((400..<600).contains(error.status), "an error has the status \(error.status)")
                require(JSONGrammar.accepts(error.body), "the body of an error isn't JSON")
            }
        }
    }
}
