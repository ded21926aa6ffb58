import HTTPTypes
import Proxy
import Transport
import YAML

extension Server {
    /// Reads everything except `fallbacks`, `stream_usage` and the list of missing variables, which `ServerEntry` adds.
    init(_ name: String, _ section: inout Section) throws(ConfigurationError) {
        try self.init(name, at: &section)
        isReverseProxy = try section.bool("reverse_proxy") ?? false
        if !isReverseProxy { try section.refuseEndpoints(of: "url", in: urls) }
        try readModels(&section)
        try readUse(&section)
        endpoints = try section.endpoints("endpoints")
        forwardHeaders = try section.forwardableNames("forward_headers")
        retries = try section.integer("num_retries", in: 0...10) ?? retries
        retryStatuses = try section.integers("retry_on_status", in: 400...599).map { Set($0) } ?? retryStatuses
        try readTimes(&section)
        commitsEarly = try section.bool("commit_early") ?? commitsEarly
        expectsDone = try section.bool("expects_done") ?? expectsDone
        preconnects = try section.bool("preconnect") ?? preconnects
    }
}

extension Server {
    mutating func readLogin(_ section: inout Section) throws(ConfigurationError) {
        if let token = try section.completeText("token"), !token.isEmpty { self.token = Secret(token) }
        guard let header = try section.completeText("auth_header") else { return }
        let name = try section.fieldName(header, "auth_header")
        // Existing tables have this name; the token is then sent as usual, with "Bearer".
        authHeader = name == .authorization ? nil : name
    }
}

extension Section {
    fileprivate func fieldName(
        _ text: String, _ key: String, line: Int? = nil
    ) throws(ConfigurationError) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            throw error(key, "has '\(text)', which is not a valid header name", line: line)
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

extension Server {
    /// `isReverseProxy` must be set before.
    mutating func readModels(_ section: inout Section) throws(ConfigurationError) {
        model = try section.text("model")?.text
        modelAliases = try section.modelNames("model_aliases")
        allowedTools = try section.tools("allowed_tools")
        allowsStoredData = try section.bool("allow_stored_data") ?? false
        if isReverseProxy { try section.refuseUnread(["model_aliases", "cache"] + Section.extrasKeys) }
    }
}

extension Section {
    /// The names, without those that have a missing variable.
    fileprivate mutating func modelNames(_ key: String) throws(ConfigurationError) -> [String: String] {
        var names: [String: String] = [:]
        for member in try members(of: key, "from callers' model names to this server's") {
            let name = try text(member.value, key, line: member.line)
            guard name.missing.isEmpty else { continue }
            guard !name.text.isEmpty, !member.value.isNull else {
                throw error(key, "has no value for '\(member.key)'; name a model there", line: member.line)
            }
            names[member.key] = name.text
        }
        return names
    }
}

extension Server {
    mutating func readTimes(_ section: inout Section) throws(ConfigurationError) {
        let total = try section.milliseconds("timeout")
        limits.total = total ?? limits.total
        // If the variable of `timeout` is missing, the total isn't known, so the parts aren't checked against it.
        let longest = total ?? (section.node("timeout") == nil ? limits.total : nil)
        limits.connect = try section.part("connect_timeout", of: longest) ?? limits.connect
        limits.firstByte = try section.part("ttft_timeout", of: longest) ?? limits.firstByte
        limits.idle = try section.part("stream_idle_timeout", of: longest) ?? limits.idle
        guard let silence = try section.milliseconds("keepalive_seconds", from: 0.01, orZero: true) else { return }
        limits.silence = silence == 0 ? nil : silence
    }
}

extension Section {
    /// A limit for a part of the exchange. Only a value from the file is checked against the total, since a longer
    /// default does no harm.
    fileprivate mutating func part(_ key: String, of total: Int?) throws(ConfigurationError) -> Int? {
        let part = try milliseconds(key)
        guard let part, let total, part > total else { return part }
        throw error(key, "is longer than the server's 'timeout' of \(total.asSeconds) s; lower it or raise 'timeout'")
    }
}
