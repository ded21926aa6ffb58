/// A server's base URL as clients need it: what stands behind the proxy's own address.
enum BaseURL {
    static func path(of server: Server) -> String {
        // Behind a reverse proxy the path is the provider's own, with or without `/v1`.
        root(server.name) + (server.isReverseProxy ? "" : "/v1")
    }

    /// `/<server>`, as it is written in a URL.
    static func root(_ server: String) -> String {
        let percent = UInt8(ascii: "%")
        let name = server.utf8.flatMap { $0 == percent ? [percent, UInt8(ascii: "2"), UInt8(ascii: "5")] : [$0] }
        return "/" + RequestTarget.Segment.encoded(name, isQuery: false)
    }

    /// - Parameter path: what was asked for, behind the server's name.
    static func advice(_ server: String, insteadOf path: String) -> String {
        let root = root(server)
        // Anthropic's SDK, for one.
        let appendsVersion = path.utf8.split(separator: UInt8(ascii: "/")).dropFirst().contains {
            $0.elementsEqual("v1".utf8)
        }
        return "Set the client's base URL to this proxy's address followed by '\(root)/v1'"
            + (appendsVersion ? ", or '\(root)' if the client appends '/v1' itself" : "")
            + ": the client appends the endpoint, such as '/chat/completions'."
    }
}
