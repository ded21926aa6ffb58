import Proxy
import YAML

extension Section {
    mutating func store(_ key: String) throws(ConfigurationError) -> StoreLocation? {
        guard let node = node(key) else { return nil }
        guard case .mapping(let members) = node.value else { return try namedStore(key) }
        guard !members.isEmpty else { throw error(key, "is empty; \(Self.knownStores)") }
        let place = try section(node, "'\(key)'", keys: ["dynamodb"])
        guard let table = place.node("dynamodb") else { throw place.error("dynamodb", "needs its 'table' below it") }
        var section = try place.section(table, "'dynamodb'", keys: ["table", "region", "endpoint"])
        let found = try section.dynamoDB()
        adopt(missing: section.missing)
        return found
    }

    private static let knownStores = "known are 'memory' and '{dynamodb: {table: …}}'"

    private mutating func namedStore(_ key: String) throws(ConfigurationError) -> StoreLocation? {
        guard let name = try completeText(key) else { return nil }
        guard name == "memory" else { throw error(key, "can't be '\(name)'; \(Self.knownStores)") }
        return .memory
    }

    private mutating func dynamoDB() throws(ConfigurationError) -> StoreLocation? {
        guard node("table") != nil else { throw error("table", "is missing: the name of a table of DynamoDB") }
        let table = try completeText("table")
        if let table, !(3...255).contains(table.utf8.count) || !Self.isPlain(table, besides: "_.-") {
            throw error("table", "must be 3 to 255 letters, digits, '_', '.' and '-'")
        }
        let region = try completeText("region")
        if let region, !Self.isPlain(region, besides: "-") {
            throw error("region", "must be the name of a region, such as 'eu-west-1'")
        }
        var endpoint: String?
        if let text = try text("endpoint"), !text.text.isEmpty { endpoint = try checkedURL(text, "endpoint") }
        guard let table else { return nil }
        return .dynamoDB(table: table, region: region?.isEmpty == true ? nil : region, endpoint: endpoint)
    }
}
