import Proxy
import YAML

extension Section {
    /// One URL, or a list of URLs and of mappings of `url` and `weight`. At least one; one with a missing variable is
    /// kept unchecked, because its server can't be used anyway.
    mutating func weightedURLs(_ key: String) throws(ConfigurationError) -> [WeightedURL] {
        guard let node = node(key) else {
            throw error(key, "is missing; if other servers only take this over by '<<', let its name begin with a dot")
        }
        switch node.value {
        case .scalar:
            guard let text = try text(key) else { throw error(key, "is missing") }
            return [WeightedURL(try checkedURL(text, key))]
        case .sequence(let nodes):
            guard !nodes.isEmpty else { throw error(key, "is an empty list; put at least one URL into it") }
            return try weightedURLs(nodes, key)
        case .mapping: throw error(key, "must be a URL or a list of URLs, each with or without a weight")
        }
    }

    private mutating func weightedURLs(_ nodes: [YAMLNode], _ key: String) throws(ConfigurationError) -> [WeightedURL] {
        var urls: [WeightedURL] = []
        var seen: Set<String> = []
        for node in nodes {
            let (url, isComplete) = try weightedURL(node, key)
            guard !isComplete || seen.insert(url.text).inserted else {
                throw error(key, "has the same URL twice; give it once, with a weight", line: node.line)
            }
            urls.append(url)
        }
        return urls
    }

    private mutating func weightedURL(
        _ node: YAMLNode, _ key: String
    ) throws(ConfigurationError) -> (WeightedURL, isComplete: Bool) {
        switch node.value {
        case .scalar:
            let text = try text(node, key, line: node.line)
            return (WeightedURL(try checkedURL(text, key, line: node.line)), text.missing.isEmpty)
        case .mapping:
            var section = try self.section(node, "a URL", keys: ["url", "weight"])
            guard let text = try section.text("url") else { throw section.error("url", "is missing") }
            let url = try section.checkedURL(text, "url")
            let weight = try section.integer("weight", in: 1...1000) ?? 1
            adopt(missing: section.missing)
            return (WeightedURL(url, weight: weight), text.missing.isEmpty)
        case .sequence: throw error(key, "must not have a list inside its list", line: node.line)
        }
    }

    func checkedURL(
        _ url: Substitution, _ key: String, line: Int? = nil
    ) throws(ConfigurationError) -> String {
        guard url.missing.isEmpty else { return url.text }
        var text = Substring(url.text)
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw error(key, "must begin with https:// or http://", line: line)
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("?"), !text.contains("#") else {
            // Azure's portal shows such URLs.
            let endpoint = Self.endpoint(atEndOf: url.text).map {
                "; it also ends in '/\($0)': unless 'reverse_proxy' is on, leave that out too, the proxy appends the endpoint"
            }
            throw error(
                key, "must not have blanks, '?', '#' or characters that are not ASCII\(endpoint ?? "")", line: line)
        }
        while text.hasSuffix("/") { text.removeLast() }
        let host = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        guard !host.isEmpty else { throw error(key, "has no host", line: line) }
        guard !host.contains("@") else {
            throw error(key, "must not have a user or password: use 'token'", line: line)
        }
        guard Self.isHostWithPort(host) else {
            throw error(key, "must have a host, and at most a port from 1 to 65535 behind it", line: line)
        }
        return String(text)
    }

    /// `host`, `host:8080`, `[::1]` or `[::1]:8080`.
    private static func isHostWithPort(_ text: Substring) -> Bool {
        var rest = text
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            rest = text[end...].dropFirst()
            guard rest.isEmpty || rest.hasPrefix(":") else { return false }
        } else {
            rest = text.drop { $0 != ":" }
            guard rest.count < text.count else { return false }
        }
        guard !rest.isEmpty else { return true }
        let port = rest.dropFirst()
        return port.first != "+" && (UInt16(port) ?? 0) > 0
    }
}
