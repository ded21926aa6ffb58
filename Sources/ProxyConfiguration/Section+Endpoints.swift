import Proxy
import YAML

/// Endpoints: those that a server opens, and those that don't belong into its URL.
extension Section {
    mutating func endpoints(_ key: String) throws(ConfigurationError) -> [EndpointPattern] {
        var patterns: [EndpointPattern] = []
        for element in try elements(key) ?? [] {
            if let problem = Self.problem(ofEndpoint: element.text) {
                throw error(key, "has '\(element.text)', \(problem)", line: element.line)
            }
            patterns.append(EndpointPattern(element.text))
        }
        return patterns
    }

    /// Why a path would open nothing.
    private static func problem(ofEndpoint text: String) -> String? {
        let segments = text.split(separator: "/")
        guard let first = segments.first else {
            return "which is no path; write one such as 'audio/speech', or '*' for all"
        }
        guard first != "v1" else { return "but paths begin behind '/v1'; leave that out" }
        let path = segments.last == "*" ? segments.dropLast() : segments
        return path.contains { $0.contains("*") } ? "but a star must be the whole last segment, as in 'files/*'" : nil
    }

    /// Refuses URLs that end in an endpoint, because it would be asked for twice.
    /// - Parameter urls: those of the key, in the order of the file.
    func refuseEndpoints(of key: String, in urls: [WeightedURL]) throws(ConfigurationError) {
        var lines: [Int?] = [nil]
        if case .sequence(let nodes) = node(key)?.value { lines = nodes.map(\.line) }
        for (url, line) in zip(urls, lines) {
            guard let endpoint = Self.endpoint(atEndOf: url.text) else { continue }
            let advice = "leave that out, as in https://api.openai.com/v1: the proxy appends the endpoint"
            // The rest isn't shown: it may hold a token.
            throw error(key, "ends in '/\(endpoint)'; \(advice)", line: line)
        }
    }

    private static func endpoint(atEndOf url: String) -> String? {
        // Without scheme and host.
        let path = url.lowercased().split(separator: "/").dropFirst(2)
        if path.suffix(2) == ["chat", "completions"] { return "chat/completions" }
        let words = ["completions", "embeddings", "responses", "moderations", "models", "messages", "chat"]
        // Behind a version only: https://….services.ai.azure.com/models is a base URL.
        guard let last = path.last, words.contains(String(last)), path.contains(where: \.isVersion) else { return nil }
        return String(last)
    }
}

extension Substring {
    /// `v1`, `v1beta`
    fileprivate var isVersion: Bool { first == "v" && dropFirst().first?.isNumber == true }
}
