import HTTPTypes

/// Which door the members of an event belong to.
extension EventMembers {
    /// - Returns: nil for an event that fits no door.
    func door(restAPIStreams: Bool, _ payload: [UInt8]) -> FrontDoor? {
        if places.loadBalancer != nil {
            return .loadBalancer(hasMultiValueHeaders: places.multiValueHeaders != nil)
        }
        if places.http != nil { return isFunctionURL(payload) ? .functionURL : .httpAPI }
        if texts.httpMethod != nil {
            return places.version == nil ? .restAPI(streams: restAPIStreams) : .httpAPI
        }
        return !hasContext && (texts.server != nil || texts.path != nil) ? .directInvocation : nil
    }

    /// A function URL's domain is `<id>.lambda-url.<region>.on.aws`, and it can have no other. Emulators may leave it
    /// out.
    private func isFunctionURL(_ payload: [UInt8]) -> Bool {
        guard let place = places.domainName else { return true }
        let text = payload[(place + 1)...].prefix { $0 != UInt8(ascii: "\"") }
        guard let dot = text.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return text[dot...].starts(with: ".lambda-url.".utf8)
    }

    /// Events that only keep a function warm: of EventBridge's rules and schedules, and of the plugins
    /// serverless-plugin-warmup and lambda-warmer.
    var isPing: Bool {
        guard !hasContext, texts.rawPath == nil else { return false }
        guard !hasPingMark else { return true }
        guard let source = texts.source?.utf8 else { return false }
        if source.elementsEqual("serverless-plugin-warmup".utf8) { return true }
        return isScheduled
            && (source.elementsEqual("aws.events".utf8) || source.elementsEqual("aws.scheduler".utf8))
    }

    /// Why an event that fits no door doesn't.
    var strangeness: String {
        let known = "It must come from a function URL, API Gateway or a load balancer, or have 'server' and 'path'"
        return "the event is not a request. \(known)"
    }

    /// A member that the events of this door never have, although another door's do; nil if there is none.
    func foreignMember(at door: FrontDoor) -> String? {
        let isVersion2 = places.http != nil && door != .directInvocation
        if isVersion2, places.loadBalancer != nil { return "requestContext.http" }
        if isVersion2 || door == .directInvocation, texts.httpMethod != nil { return "httpMethod" }
        if !isVersion2, texts.rawPath != nil { return "rawPath" }
        if door != .directInvocation, texts.server != nil { return "server" }
        return nil
    }
}
