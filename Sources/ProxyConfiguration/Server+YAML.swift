import HTTPTypes
import Proxy
import Transport
import YAML

extension Server {
    private static let keys = [
        "url", "token", "model", "reverse_proxy", "auth_header", "endpoints", "forward_headers", "timeout",
        "connect_timeout",
    ]
    private static let aliases = ["api_base": "url", "base_url": "url", "api_key": "token"]

    init(_ name: String, _ line: Int, _ node: YAMLNode, _ context: LoadContext) throws(ConfigurationError) {
        guard !name.isEmpty, name != ".", name != "..", !name.contains("/"), !name.contains("\\") else {
            throw context.error(line, "'\(name)' can't be a server's name: it is the first part of a path")
        }
        var section = try Section(node, "server '\(name)'", keys: Self.keys, aliases: Self.aliases, context)
        guard let url = try section.text("url") else { throw section.error("url", "is missing") }
        self.init(name: name, url: try section.serverURL(url))
        try readLogin(&section)
        model = try section.text("model")?.text
        isReverseProxy = try section.bool("reverse_proxy") ?? false
        endpoints = try section.texts("endpoints").map { EndpointPattern($0) }
        forwardHeaders = try section.forwardableNames("forward_headers")
        limits.total = try section.milliseconds("timeout") ?? limits.total
        limits.connect = try section.milliseconds("connect_timeout") ?? limits.connect
        missingVariables = section.missing
    }

    private mutating func readLogin(_ section: inout Section) throws(ConfigurationError) {
        if let token = try section.completeText("token"), !token.isEmpty { self.token = Secret(token) }
        guard let header = try section.completeText("auth_header") else { return }
        let name = try section.fieldName(header, "auth_header")
        // As existing tables have it: with this name the token is sent as usual, with "Bearer".
        authHeader = name == .authorization ? nil : name
    }
}

extension Section {
    fileprivate func serverURL(_ url: Substitution) throws(ConfigurationError) -> String {
        guard url.missing.isEmpty else { return url.text }
        var text = Substring(url.text)
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw error("url", "must begin with https:// or http://")
        }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains("?"), !text.contains("#") else {
            throw error("url", "must not have blanks, '?', '#' or characters that are not ASCII")
        }
        while text.hasSuffix("/") { text.removeLast() }
        let host = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        guard !host.isEmpty else { throw error("url", "has no host") }
        guard !host.contains("@") else { throw error("url", "must not have a user or password: use 'token'") }
        return String(text)
    }

    fileprivate func fieldName(_ text: String, _ key: String) throws(ConfigurationError) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { throw error(key, "has '\(text)', which is not a header's name") }
        return name
    }

    /// Headers that carry keys, or that belong to one connection, are never forwarded.
    fileprivate mutating func forwardableNames(_ key: String) throws(ConfigurationError) -> [HTTPField.Name] {
        let forbidden: Set<String> = [
            "authorization", "x-api-key", "api-key", "cookie", "host", "content-length", "connection", "keep-alive",
            "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
            "accept-encoding",
        ]
        var names: [HTTPField.Name] = []
        for text in try texts(key) {
            let name = try fieldName(text, key)
            guard !forbidden.contains(name.canonicalName) else { throw error(key, "must not have '\(text)'") }
            names.append(name)
        }
        return names
    }
}
