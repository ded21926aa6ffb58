import CCurl
import Glibc
import Transport

/// Chooses a safe connection for a request, and makes sure that it is sent only once.
///
/// libcurl 7.88 reuses a kept connection even if there is something to read on it, so stray bytes from an upstream
/// would become the next caller's response. It also resends a request, up to five times, when a kept connection closes
/// without a response, although the upstream may have done the work. Two callbacks prevent both: one when a socket is
/// created, and one when a connection is ready and the request hasn't been sent on it yet.
extension Transfer {
    enum Begin {
        /// Nothing has been sent yet.
        case none
        /// The kept connection that libcurl chose has bytes to read, or is closed.
        case needsNewConnection
        /// The request was sent, no response came, and libcurl wants to send it again.
        case repeats
    }

    /// Called when a socket has been created. Returns false if it must not be used.
    func mayConnect(by socket: Int32) -> Bool {
        sockets.append(socket)
        if bytesSent > 0 { begin = .repeats }
        return bytesSent == 0
    }

    /// Whether the request may be sent on the connection that libcurl has chosen.
    func maySend(on connection: SocketTable.Connection) -> Bool {
        hasConnected = true
        guard bytesSent == 0 else {
            begin = .repeats
            return false
        }
        guard isReused else {
            loop.sockets.note(connection, among: sockets)
            return true
        }
        if isIdle(loop.sockets[connection]) { return true }
        begin = .needsNewConnection
        return false
    }

    /// Restarts on a new connection. Only after libcurl has ended the transfer, and outside of its callbacks.
    func restart() {
        begin = .none
        hasConnected = false
        sockets = []
        errorText.pointee = 0
        ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    /// Whether a kept connection is open and has nothing to read. A TLS session ticket would count as something to
    /// read, but those arrive before the first response.
    private func isIdle(_ socket: Int32?) -> Bool {
        guard let socket else { return false }
        // The rest of a partly read TLS record is no longer in the socket.
        if let tls = ccurl_get_tls(easy), SSL_has_pending(tls) != 0 { return false }
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    private var isReused: Bool { number(CURLINFO_NUM_CONNECTS) == 0 }

    /// The bytes sent of the request, including its head, on all connections.
    var bytesSent: Int { number(CURLINFO_REQUEST_SIZE) }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        ccurl_get_long(easy, info, &value)
        return value
    }
}

// MARK: - Excess bytes

extension Transfer {
    /// When bytes follow the end of a response in the same read, libcurl drops them and keeps the connection. This
    /// happens after the last chunk, and after the response head to a HEAD. libcurl only mentions it in its log.
    func setExcessCallback() {
        ccurl_set_debug_callback(easy) { easy, kind, text, length, _ in
            guard kind == CURLINFO_TEXT else { return 0 }
            let text = UnsafeRawBufferPointer(start: text, count: length)
            if text.starts(with: "Excess found".utf8) || text.starts(with: "Leftovers after chunking".utf8) {
                ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1)
            }
            return 0
        }
    }

    /// Turns on libcurl's log.
    func watchForExcess() { ccurl_set_long(easy, CURLOPT_VERBOSE, 1) }
}

/// Maps connections to sockets. libcurl 7.88 doesn't report the socket when it gives a transfer a kept connection, but
/// it reports both addresses of that connection.
struct SocketTable {
    struct Connection: Hashable {
        let localAddress: String
        let localPort: Int32
        let remoteAddress: String
        let remotePort: Int32
    }

    private var sockets: [Connection: Int32] = [:]
    /// The last connection of each socket. Descriptors are reused, so this holds at most as many entries as were ever
    /// open at once.
    private var connections: [Int32: Connection] = [:]

    subscript(connection: Connection) -> Int32? { sockets[connection] }

    /// Finds a new connection's socket among those created for it, one for each address tried.
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
        // `sin_port` and `sin6_port` have the same offset.
        return withUnsafeBytes(of: &address) { bytes in
            Int32(UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        }
    }
}
