/// The region and the service in the host name of one of AWS's endpoints.
package struct AWSHost: Equatable {
    package let region: String
    /// The service as signatures name it.
    package let service: String

    /// Reads `<service>.<region>.<domain>`, perhaps with more before it, such as `abc.execute-api.eu-west-1.amazonaws.com`.
    /// Nil for any other host.
    /// - Parameter url: an absolute URL.
    package init?(url: String) {
        let host = URLParts(url).host.prefix { $0 != ":" }.lowercased()
        guard Self.domains.contains(where: { host.hasSuffix($0) }) else { return nil }
        let labels = host.split(separator: ".")
        guard let index = labels.lastIndex(where: { Self.isRegion(String($0)) }), index > 0 else { return nil }
        region = String(labels[index])
        var name = String(labels[index - 1])
        if name.hasSuffix("-fips") { name.removeLast(5) }
        service = Self.services[name] ?? name
    }

    /// Whether a text looks like a region: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
    package static func isRegion(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count), parts[0].count >= 2 else { return false }
        return parts.dropLast().allSatisfy { !$0.isEmpty && $0.allSatisfy { (0x61...0x7A).contains($0) } }
            && (1...2).contains(parts[parts.count - 1].count)
            && parts[parts.count - 1].allSatisfy { (0x30...0x39).contains($0) }
    }

    /// The domain of a region's endpoints, in the form `<service>.<region>.<domain>`.
    package static func domain(of region: String) -> String {
        let domains = [("cn-", "amazonaws.com.cn"), ("eusc-", "amazonaws.eu")]
        return domains.first { region.hasPrefix($0.0) }?.1 ?? "amazonaws.com"
    }

    private static let domains = [".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".on.aws"]

    /// The names in signatures that differ from those in hosts. `bedrock-mantle` has the same in both:
    /// github.com/openai/openai-python, `providers/bedrock.py`.
    private static let services = ["bedrock-runtime": "bedrock", "lambda-url": "lambda"]
}

/// The parts of an absolute URL that a signature covers.
package struct URLParts {
    /// As libcurl sends it in `Host`: with the port, unless it is the scheme's default.
    package let host: String
    /// From the first slash up to the question mark; `/` if there is none.
    package let path: String
    /// Without the question mark.
    package let query: String

    package init(_ url: String) {
        let isTLS = url.hasPrefix("https://")
        let rest = url.utf8.dropFirst(isTLS ? 8 : 7)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        let target = rest[authority.endIndex...]
        let path = target.prefix { $0 != UInt8(ascii: "?") }
        let host = String(Substring(authority))
        let port = isTLS ? ":443" : ":80"
        self.host = host.hasSuffix(port) ? String(host.dropLast(port.count)) : host
        self.path = path.isEmpty ? "/" : String(Substring(path))
        query = String(Substring(target[path.endIndex...].dropFirst()))
    }
}
