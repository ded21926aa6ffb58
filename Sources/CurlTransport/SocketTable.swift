import Glibc

/// Which socket belongs to which connection. libcurl 7.88 doesn't tell the socket of a transfer that has just been given
/// a kept connection, but it tells both ends of that connection.
struct SocketTable {
    struct Connection: Hashable {
        let localAddress: String
        let localPort: Int32
        let remoteAddress: String
        let remotePort: Int32
    }

    private var sockets: [Connection: Int32] = [:]
    /// The connection that each socket belonged to last. A number is given to another socket once it is free, so this
    /// holds as many as were ever open at once.
    private var connections: [Int32: Connection] = [:]

    subscript(connection: Connection) -> Int32? { sockets[connection] }

    /// Finds a new connection's socket among those that were made for it: one for each address that was tried.
    mutating func note(_ connection: Connection, among made: [Int32]) {
        guard let socket = made.last(where: { Self.localPort(of: $0) == connection.localPort }) else { return }
        if let old = connections.updateValue(connection, forKey: socket), sockets[old] == socket { sockets[old] = nil }
        sockets[connection] = socket
    }

    private static func localPort(of socket: Int32) -> Int32? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard result == 0 else { return nil }
        // `sin_port` and `sin6_port` lie at the same place.
        return withUnsafeBytes(of: &address) { bytes in
            Int32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
