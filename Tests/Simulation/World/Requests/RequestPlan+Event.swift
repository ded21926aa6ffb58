import JSONBytes

/// The event that Lambda hands over.
extension RequestPlan {
    /// - Parameter table: has the keys and the names of models.
    func event(_ table: TablePlan) -> [UInt8] {
        guard eventFault != .nonsense else { return Array("{\"half\":".utf8) }
        if door == .direct { return directEvent(table) }
        let path = path
        var event = JSONObjectWriter(capacity: 1024 + padding)
        switch door {
        case .functionURL, .httpAPI, .direct:
            let domain = door == .functionURL ? "abc.lambda-url.eu-central-1.on.aws" : "abc.execute-api.test"
            event.add("version", "2.0")
            event.add("rawPath", path)
            event.add("rawQueryString", "")
            event.add(
                "requestContext",
                json: "{\"domainName\":\"\(domain)\",\"stage\":\"$default\",\"http\":{\"method\":\"\(method)\"}}".utf8)
        case .restAPI:
            event.add("httpMethod", method)
            event.add("path", path)
            event.add("resource", "/{proxy+}")
            event.add("requestContext", json: "{\"stage\":\"prod\",\"identity\":{\(gatewayKey)}}".utf8)
        case .loadBalancer:
            event.add("httpMethod", method)
            event.add("path", path)
            event.add("requestContext", json: "{\"elb\":{\"targetGroupArn\":\"a\"}}".utf8)
        }
        event.add("headers", json: headers(table))
        event.add("isBase64Encoded", json: "false".utf8)
        if method == "POST" { event.add("body", json: quoted(body(table))) }
        event.end()
        return event.bytes
    }

    /// What API Gateway says about its caller.
    private var gatewayKey: String {
        guard case .gateway(let number) = key else { return "" }
        return "\"apiKeyId\":\"\(GatewayPlan.keys[number])\""
    }

    private func directEvent(_ table: TablePlan) -> [UInt8] {
        var event = JSONObjectWriter(capacity: 1024 + padding)
        event.add("path", path)
        event.add("method", method)
        event.add("headers", json: headers(table))
        if method == "POST" { event.add("body", json: body(table)) }
        if let key = presented(table) { event.add("key", key) }
        event.end()
        return event.bytes
    }

    /// As a JSON string. The body has nothing else to escape than quotation marks.
    private func quoted(_ body: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        var text = [quote]
        text.reserveCapacity(body.count + 64)
        for part in body.split(separator: quote, omittingEmptySubsequences: false) {
            if text.count > 1 { text += [UInt8(ascii: "\\"), quote] }
            text += part
        }
        text.append(quote)
        return text
    }

    private func headers(_ table: TablePlan) -> [UInt8] {
        var headers = JSONObjectWriter(capacity: 256)
        headers.add("content-type", "application/json")
        headers.add("traceparent", traceParent)
        if let cacheControl { headers.add("cache-control", cacheControl) }
        if door != .direct, let key = presented(table) {
            if number % 3 == 0 { headers.add("x-api-key", key) } else { headers.add("authorization", "Bearer \(key)") }
        }
        headers.end()
        return headers.bytes
    }

    /// The key that the caller sends.
    func presented(_ table: TablePlan) -> String? {
        switch key {
        case .none, .gateway: nil
        case .wrong: "sk-a-wrong-\(Secrets.marker)-key-that-opens-nothing"
        case .virtual(let number): table.keys[number].secret
        case .token(let number): table.servers[number].token
        case .user(let number): SimulatedIssuer.tokens[number].token
        }
    }

    /// By which servers' requests are told apart. Its trace ID is the request's number.
    private var traceParent: String {
        let digits = String(number + 1, radix: 16)
        let zeros = String(repeating: "0", count: 32 - digits.utf8.count)
        return "00-\(zeros)\(digits)-00000000000000aa-01"
    }

    var method: String { [.models, .me, .health].contains(target) ? "GET" : "POST" }

    private var path: String {
        let prefix = server.map { "/s\($0)/v1" } ?? "/v1"
        return switch target {
        case .chat: "\(prefix)/chat/completions"
        case .completions: "\(prefix)/completions"
        case .responses: "\(prefix)/responses"
        case .embeddings: "\(prefix)/embeddings"
        case .models: "\(prefix)/models"
        case .me: "/v1/me"
        case .health: "/health"
        case .unknown: "\(prefix)/files/secret"
        }
    }

    func body(_ table: TablePlan) -> [UInt8] {
        var text = "{"
        if let model = modelText(table) { text += "\"model\":\"\(model)\"," }
        let (start, end) = promptMember
        text += "\(start)q\(question)."
        var body = Array(text.utf8)
        if target == .embeddings { body += Array("t0.".utf8) }
        if padding > 0 { body += [UInt8](repeating: UInt8(ascii: "p"), count: padding) }
        if target == .embeddings {
            for text in 1..<max(1, texts) { body += Array("\",\"q\(question).t\(text).".utf8) }
            return body + Array("\"]}".utf8)
        }
        body += Array(end.utf8)
        body += Array(",\"temperature\":0".utf8)
        if isStream { body += Array(",\"stream\":true".utf8) }
        if wantsUsage { body += Array(",\"stream_options\":{\"include_usage\":true}".utf8) }
        body.append(UInt8(ascii: "}"))
        return body
    }

    /// What stands before and behind the prompt.
    private var promptMember: (start: String, end: String) {
        switch target {
        case .responses: ("\"input\":\"", "\"")
        case .embeddings: ("\"input\":[\"", "\"]")
        case .completions: ("\"prompt\":\"", "\"")
        default: ("\"messages\":[{\"role\":\"user\",\"content\":\"", "\"}]")
        }
    }

    /// The model that a server must be asked for; empty for none.
    func model(at server: ServerPlan) -> String {
        let (isFirst, own) = (server.number == namedServer, server.model)
        if let choice = choices.first(where: { $0.server == server.number }) {
            return choice.model == .own ? own ?? "" : "real-\(server.number)"
        }
        switch model {
        case .alias where server.hasAlias: return "real-\(server.number)"
        case .none where self.server != nil: return own ?? ""
        case .none, .real: return isFirst ? "real-\(namedServer)" : own ?? "real-\(namedServer)"
        case .alias: return own ?? "alias"
        case .other: return isFirst ? "other" : own ?? "other"
        case .embedder: return isFirst ? Self.embedder : own ?? Self.embedder
        }
    }

    /// Makes embeddings at Bedrock.
    private static let embedder = "amazon.titan-embed-text-v2"

    private func modelText(_ table: TablePlan) -> String? {
        if let name { return omitsName ? nil : table.models[name].name }
        let name: String? =
            switch model {
            case .none: server == nil ? "real-\(namedServer)" : nil
            case .real: "real-\(namedServer)"
            case .alias: "alias"
            case .other: "other"
            case .embedder: Self.embedder
            }
        guard server == nil else { return name }
        return name.map { "s\(namedServer)/\($0)" }
    }
}
