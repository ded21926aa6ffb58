import Proxy

extension Server {
    /// All but what `ServerEntry` adds: `fallbacks`, and the variables that are missing anywhere.
    init(_ name: String, _ section: inout Section) throws(ConfigurationError) {
        let urls = try section.weightedURLs("url")
        self.init(name: name, url: urls[0].text)
        self.urls = urls
        try readLogin(&section)
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
