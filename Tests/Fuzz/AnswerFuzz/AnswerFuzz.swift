import JSONBytes
import Proxy

@testable import DynamoDBStore

/// Only JSON is read as an answer of DynamoDB; its numbers leave room for sums, the name of its error may stand in a
/// log, and an item, written anew, reads the same.
enum AnswerFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        guard let answer = try? Answer(input) else { return }
        require(JSONGrammar.accepts(input), "what isn't JSON was read as an answer")
        require(
            answer.errorName.utf8.allSatisfy { (0x41...0x7A).contains($0) },
            "an error by the name '\(answer.errorName)'")
        guard let item = answer.item else { return }
        let amounts = item.amounts
        for amount in [amounts.requests, amounts.tokens, amounts.cost] {
            require(amount.magnitude <= Int.max / 8, "\(amount) is too much to be added to")
        }
        require((try? Answer(written(item)))?.item == item, "\(item) reads otherwise when written anew")
    }

    private static func written(_ item: Item) -> [UInt8] {
        JSONValue.object([
            (
                "Attributes",
                .object([
                    (Attribute.requests, .number(item.amounts.requests)),
                    (Attribute.tokens, .number(item.amounts.tokens)), (Attribute.cost, .number(item.amounts.cost)),
                    (Attribute.leases, .texts(item.leases)),
                ])
            )
        ]).serialized
    }
}
