import JSONBytes
import Proxy

@testable import DynamoDBStore

/// Only JSON is accepted as a response of DynamoDB; sums of its numbers don't overflow, the name of its error is safe
/// in a log, and an item of either kind that is written again reads the same.
enum AnswerFuzz: FuzzTarget {
    static func check(_ input: [UInt8]) {
        checkCache(input)
        guard let response = try? ItemResponse<UsageItem>(input) else { return }
        require(JSONGrammar.accepts(input), "what isn't JSON was read as a response")
        require(
            response.errorName.utf8.allSatisfy { (0x41...0x7A).contains($0) },
            "an error by the name '\(response.errorName)'")
        guard let item = response.item else { return }
        let usage = item.usage
        for amount in [usage.requests, usage.tokens, usage.cost] {
            require(amount.magnitude <= Int.max / 8, "\(amount) is too much to be added to")
        }
        let again = (try? ItemResponse<UsageItem>(written(item)))?.item
        require(again == item, "\(item) reads otherwise when written anew")
    }

    private static func written(_ item: UsageItem) -> [UInt8] {
        JSONValue.object([
            (
                "Attributes",
                .object([
                    (Attribute.requests, .number(item.usage.requests)),
                    (Attribute.tokens, .number(item.usage.tokens)), (Attribute.cost, .number(item.usage.cost)),
                    (Attribute.leases, .texts(item.leases)),
                ])
            )
        ]).serialized
    }

    private static func checkCache(_ input: [UInt8]) {
        guard let response = try? ItemResponse<CacheItem>(input) else { return }
        require(JSONGrammar.accepts(input), "what isn't JSON was read as a response")
        guard let item = response.item else { return }
        let members = [
            (Attribute.id, item.id.map { .text($0) }), (Attribute.data, item.data.map { .binary($0) }),
            (Attribute.parts, item.parts.map { .number($0) }), (Attribute.partID, item.partID.map { .text($0) }),
            (Attribute.expires, item.expires.map { .number($0) }),
        ].compactMap { (name: String, value: JSONValue?) in value.map { (key: name, value: $0) } }
        let again = JSONValue.object([("Item", .object(members))]).serialized
        require((try? ItemResponse<CacheItem>(again))?.item == item, "\(item) reads otherwise when written anew")
    }
}
