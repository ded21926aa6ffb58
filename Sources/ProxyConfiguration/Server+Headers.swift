import HTTPTypes
import Proxy

extension Server {
    mutating func readLogin(_ section: inout Section) throws(ConfigurationError) {
        if let token = try section.completeText("token"), !token.isEmpty { self.token = Secret(token) }
        guard let header = try section.completeText("auth_header") else { return }
        let name = try section.fieldName(header, "auth_header")
        // As existing tables have it: with this name the token is sent as usual, with "Bearer".
        authHeader = name == .authorization ? nil : name
    }
}

extension Section {
    fileprivate func fieldName(
        _ text: String, _ key: String, line: Int? = nil
    ) throws(ConfigurationError) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            throw error(key, "has '\(text)', which is not a header's name", line: line)
        }
        return name
    }

    /// Headers that carry keys, or that belong to one connection, are never forwarded.
    mutating func forwardableNames(_ key: String) throws(ConfigurationError) -> [HTTPField.Name] {
        let forbidden: Set<String> = [
            "authorization", "x-api-key", "api-key", "cookie", "host", "content-length", "connection", "keep-alive",
            "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect",
            "accept-encoding",
        ]
        var names: [HTTPField.Name] = []
        for element in try elements(key) ?? [] {
            let name = try fieldName(element.text, key, line: element.line)
            guard !forbidden.contains(name.canonicalName) else {
                throw error(key, "must not have '\(element.text)'", line: element.line)
            }
            names.append(name)
        }
        return names
    }
}
