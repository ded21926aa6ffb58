import Proxy
import YAML

extension Section {
    /// A URL, or a list whose elements are URLs or mappings with `url` and `weight`. Returns at least one. A URL with a
    /// missing variable is kept unchecked, because its server can't be used anyway.
    mutating func weightedURLs(_ key: String) throws(ConfigurationError) -> [WeightedURL] {
        guard node(key) != nil else {
            throw error(key, "is missing; if this is only a template for '<<', begin its name with a dot")
        }
        return try weighted(key, "URL") { section, text, key, line throws(ConfigurationError) in
            try section.checkedURL(text, key, line: line)
        }
    }

    /// Checks a value at a key, or at a line of the key's list.
    typealias Check = (Section, Substitution, _ key: String, _ line: Int?) throws(ConfigurationError) -> String

    /// One value, or a list whose elements are values or mappings with the value and its `weight`.
    /// - Parameters:
    ///   - key: also the name of the value in a mapping.
    ///   - noun: what the value is, for errors.
    mutating func weighted(
        _ key: String, _ noun: String, _ check: Check
    ) throws(ConfigurationError) -> [WeightedURL] {
        guard let node = node(key) else { return [] }
        switch node.value {
        case .scalar:
            guard let text = try text(key) else { throw error(key, "is missing") }
            return [WeightedURL(try check(self, text, key, nil))]
        case .sequence(let nodes):
            guard !nodes.isEmpty else { throw error(key, "is an empty list; add at least one \(noun)") }
            return try weighted(nodes, key, noun, check)
        case .mapping: throw error(key, "must be a \(noun) or a list of \(noun)s, each with or without a weight")
        }
    }

    private mutating func weighted(
        _ nodes: [YAMLNode], _ key: String, _ noun: String, _ check: Check
    ) throws(ConfigurationError) -> [WeightedURL] {
        var values: [WeightedURL] = []
        var seen: Set<String> = []
        for node in nodes {
            let (value, isComplete) = try weighted(node, key, noun, check)
            guard !isComplete || seen.insert(value.text).inserted else {
                throw error(key, "has the same \(noun) twice; give it once, with a weight", line: node.line)
            }
            values.append(value)
        }
        return values
    }

    private mutating func weighted(
        _ node: YAMLNode, _ key: String, _ noun: String, _ check: Check
    ) throws(ConfigurationError) -> (WeightedURL, isComplete: Bool) {
        switch node.value {
        case .scalar:
            let text = try text(node, key, line: node.line)
            return (WeightedURL(try check(self, text, key, node.line)), text.missing.isEmpty)
        case .mapping:
            var section = try self.section(node, "a \(noun)", keys: [key, "weight"])
            guard let text = try section.text(key) else { throw section.error(key, "is missing") }
            let value = try check(section, text, key, nil)
            let weight = try section.integer("weight", in: 1...1000) ?? 1
            adopt(missing: section.missing)
            return (WeightedURL(value, weight: weight), text.missing.isEmpty)
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
            // The Azure portal shows URLs that have a query and also end in an endpoint.
            let endpoint = Self.endpoint(atEndOf: url.text).map {
                "; it also ends in '/\($0)': unless 'reverse_proxy' is on, remove that too: the proxy appends it"
            }
            throw error(
                key, "must not have spaces, '?', '#' or non-ASCII characters\(endpoint ?? "")", line: line)
        }
        while text.hasSuffix("/") { text.removeLast() }
        let host = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        guard !host.isEmpty else { throw error(key, "has no host", line: line) }
        guard !host.contains("@") else {
            throw error(key, "must not have a user or password: use 'token'", line: line)
        }
        guard Self.isHostWithPort(host) else {
            throw error(key, "must have a host, optionally followed by a port from 1 to 65535", line: line)
        }
        return String(text)
    }

    /// `host`, `host:8080`, `[::1]` or `[::1]:8080`.
    static func isHostWithPort(_ text: Substring) -> Bool {
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

/// The endpoints that a server opens, and those that must not be at the end of its URL.
extension Section {
    mutating func endpoints(_ key: String) throws(ConfigurationError) -> [EndpointPattern] {
        var patterns: [EndpointPattern] = []
        for element in try elements(key) ?? [] {
            if let problem = Self.problem(ofEndpoint: element.text) { throw error(key, problem, line: element.line) }
            patterns.append(EndpointPattern(element.text))
        }
        return patterns
    }

    /// Why a path could never match; nil if it could.
    private static func problem(ofEndpoint text: String) -> String? {
        // The text isn't shown, because the URL may contain a key.
        if text.utf8.indices.contains(where: { text.utf8[$0...].starts(with: "://".utf8) }) {
            return "has a URL; write only the path after '/v1', such as 'files'"
        }
        if text.contains("?") || text.contains("#") {
            return "has a path with a query; write only the path, such as 'files'"
        }
        let segments = text.split(separator: "/")
        guard !segments.isEmpty else {
            return "has '\(text)', which is not a path; write one such as 'audio/speech', or '*' for all"
        }
        return (wrongCharacters(text) ?? wrongSegment(segments)).map { "has '\(text)', but \($0)" }
    }

    private static func wrongCharacters(_ text: String) -> String? {
        if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "a path has no spaces; write only the path, such as 'files', which allows all methods"
        }
        if text.contains("%") { return "paths are compared decoded; write the character instead of its '%' code" }
        if text.contains("\\") { return "a path has no backslashes; write '/'" }
        return nil
    }

    private static func wrongSegment(_ segments: [Substring]) -> String? {
        if segments.contains(where: { $0.lowercased() == "v1" }) {
            return "paths begin after '/v1'; remove it and everything before it"
        }
        if segments.contains(where: { $0.utf8.isDotSegment }) {
            return "a path has no dot segments, such as '..'; remove them"
        }
        if segments.contains(where: { $0.first == ":" || $0.contains { "{}<>[]^|".contains($0) } }) {
            return "placeholders and patterns aren't supported; '*' allows everything below, as in 'files/*'"
        }
        let path = segments.last == "*" ? segments.dropLast() : segments[...]
        return path.contains { $0.contains("*") } ? "'*' must be the whole last segment, as in 'files/*'" : nil
    }

    /// Refuses URLs that end in an endpoint, because the proxy would append it again.
    /// - Parameter urls: the key's URLs, in the order of the file.
    func refuseEndpoints(of key: String, in urls: [WeightedURL]) throws(ConfigurationError) {
        var lines: [Int?] = [nil]
        if case .sequence(let nodes) = node(key)?.value { lines = nodes.map(\.line) }
        for (url, line) in zip(urls, lines) {
            guard let endpoint = Self.endpoint(atEndOf: url.text) else { continue }
            let advice = "remove that, as in https://api.openai.com/v1, because the proxy appends the endpoint"
            // The rest of the URL isn't shown, because it may contain a token.
            throw error(key, "ends in '/\(endpoint)'; \(advice)", line: line)
        }
    }

    /// The endpoint at the end of a URL, before any query.
    static func endpoint(atEndOf url: String) -> String? {
        let address = url.lowercased().prefix { $0 != "?" && $0 != "#" }
        // Without scheme and host.
        let segments = address.split(separator: "/").dropFirst(2)
        let path = "/" + segments.joined(separator: "/")
        if let endpoint = everywhere.first(where: { path.hasSuffix("/" + $0) }) { return endpoint }
        guard let last = segments.last.map({ String($0) }), behindVersion.contains(last) else { return nil }
        return segments.contains(where: \.isVersion) ? last : nil
    }

    /// No base URL ends in one of these.
    private static let everywhere = [
        "chat/completions", "audio/speech", "audio/transcriptions", "audio/translations", "images/generations",
        "images/edits", "images/variations", "completions", "embeddings", "responses", "moderations", "rerank",
    ]
    /// These are endpoints only after a version; a base URL may end in one: https://….services.ai.azure.com/models.
    private static let behindVersion = ["models", "messages", "chat"]
}

extension Substring {
    /// `v1`, `v1beta`
    fileprivate var isVersion: Bool { first == "v" && dropFirst().first?.isNumber == true }
}
