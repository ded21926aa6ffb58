/// Where a table is.
struct TableAddress: Sendable {
    let table: String
    let region: String
    /// Where requests are sent.
    let url: String
    /// What libcurl sends as `Host`.
    let host: String
    let path: String

    /// - Parameter endpoint: the URL, without a slash at its end; nil for AWS's own.
    init(table: String, region: String, endpoint: String?) {
        self.table = table
        self.region = region
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        url = (endpoint ?? "https://dynamodb.\(region).\(domain)") + "/"
        let isTLS = url.hasPrefix("https://")
        let rest = url.dropFirst(isTLS ? 8 : 7)
        let authority = rest.prefix { $0 != "/" }
        path = String(rest[authority.endIndex...])
        let port = isTLS ? ":443" : ":80"
        host = String(authority.hasSuffix(port) ? authority.dropLast(port.count) : authority)
    }
}
