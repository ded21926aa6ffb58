import AWSSignature
import Proxy
import Transport
import YAML

/// Where a server is and how the proxy authenticates there: `url` and `token`, or AWS's `region` and a signature.
extension Server {
    /// Keys that have no meaning for a provider with a protocol of its own.
    private static let unused = ["endpoints", "reverse_proxy", "auth_header", "forward_headers", "expects_done"]

    init(_ name: String, at section: inout Section) throws(ConfigurationError) {
        let provider = try section.word("provider", of: ["openai": .openAI, "bedrock": .bedrock]) ?? Provider.openAI
        let hasSignature = try section.word("auth", of: ["aws_sigv4": true]) ?? false
        let regions = try section.regions()
        let urls: [WeightedURL]
        if provider == .bedrock, section.node("url") == nil {
            urls = try section.bedrockURLs(in: regions)
        } else {
            urls = try section.weightedURLs("url")
        }
        self.init(name: name, url: urls[0].text)
        self.provider = provider
        self.urls = urls
        try readLogin(&section)
        if provider == .bedrock {
            try section.refuse(
                Self.unused, "can't be combined with 'provider: bedrock', which has no use for it; remove it")
            guard !urls.contains(where: { $0.text.hasSuffix("/v1") }) else {
                throw section.error(
                    "url", """
                        ends in '/v1', but 'provider: bedrock' appends paths of its own; \
                        for Bedrock's OpenAI endpoint, replace 'provider: bedrock' with 'auth: aws_sigv4'
                        """)
            }
            // A model may think, or write the arguments of a tool call, for minutes without sending anything.
            limits.idle = limits.firstByte
        }
        let isTokenKnown = try section.text("token")?.missing.isEmpty ?? true
        let hasToken = token != nil || !isTokenKnown
        if hasToken, hasSignature {
            throw section.error(
                "token", "can't be combined with 'auth: aws_sigv4', which signs instead; remove one of them")
        }
        if hasSignature || provider == .bedrock && !hasToken {
            try sign(&section, regions)
        } else {
            let keys = provider == .bedrock ? ["service"] : ["region", "service"]
            try section.refuse(
                keys, "is only for signed requests; remove it, or add 'auth: aws_sigv4' and leave out 'token'")
        }
    }

    /// Sets how each URL is signed.
    private mutating func sign(_ section: inout Section, _ regions: [WeightedURL]) throws(ConfigurationError) {
        try section.refuse(["auth_header"], "can't be combined with 'auth: aws_sigv4'; remove one of them")
        let service = try section.completeText("service")
        for index in urls.indices {
            let host = AWSHost(url: urls[index].text)
            var region = (regions.count == 1 ? regions[0].text : nil) ?? host?.region
            guard let service = service ?? (provider == .bedrock ? "bedrock" : host?.service) else {
                guard section.missing.isEmpty else { continue }
                throw section.error("service", "is missing, and the host isn't one of AWS's that names it; add it, such as 'service: bedrock'")
            }
            if region == nil { region = try section.ownRegion(regions) }
            urls[index].signing = region.map { AWSSigning(region: $0, service: service) }
        }
        // On Lambda they come from the function's role.
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] { _ = section.variable(name) }
    }
}

extension Section {
    /// One region, or a list of regions with or without weights.
    fileprivate mutating func regions() throws(ConfigurationError) -> [WeightedURL] {
        try weighted("region", "region") { section, text, key, line throws(ConfigurationError) in
            if let variable = text.missing.first { return "${\(variable)}" }
            guard AWSHost.isRegion(text.text) else {
                throw section.error(
                    key, "has '\(text.text)', which is not a region; write one such as us-east-1", line: line)
            }
            return text.text
        }
    }

    /// Bedrock's endpoints in some regions, or else in the function's own.
    fileprivate mutating func bedrockURLs(in regions: [WeightedURL]) throws(ConfigurationError) -> [WeightedURL] {
        let regions = regions.isEmpty ? [WeightedURL(variable("AWS_REGION") ?? "${AWS_REGION}")] : regions
        return regions.map { region in
            let host = "bedrock-runtime.\(region.text).\(AWSHost.domain(of: region.text))"
            return WeightedURL("https://\(host)", weight: region.weight)
        }
    }

    /// The function's own region; nil if it isn't known.
    fileprivate mutating func ownRegion(_ regions: [WeightedURL]) throws(ConfigurationError) -> String? {
        guard regions.isEmpty else {
            throw error("region", "is a list, but the hosts of 'url' don't say which of them is where; give one region")
        }
        return variable("AWS_REGION")
    }

    fileprivate func refuse(_ keys: [String], _ problem: String) throws(ConfigurationError) {
        for key in keys where node(key) != nil { throw error(key, problem) }
    }
}
