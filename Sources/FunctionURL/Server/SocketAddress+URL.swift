import NIOCore

extension SocketAddress {
    /// The address as it stands in a URL.
    var urlHost: String {
        let host = self.ipAddress ?? "localhost"
        return self.protocol == .inet6 ? "[\(host)]" : host
    }
}
