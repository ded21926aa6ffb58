import CCurl
import Glibc
import Transport

/// On which connection a request goes out, and that it goes out once.
///
/// libcurl 7.88 takes a kept connection on which something can be read for alive, so whatever an upstream has written
/// there would become the next caller's answer. And it sends a request again, up to five times, when a kept connection
/// closes without an answer, though the upstream may have done the work. Both are decided here, in two callbacks: when
/// a socket is made, and when a connection stands and nothing of the request has been sent on it.
extension Transfer {
    enum Begin {
        /// Nothing has been sent yet.
        case none
        /// On the kept connection that libcurl chose something can be read, or it was closed.
        case needsNewConnection
        /// It was sent. Nothing has come back, and libcurl wants to send it again.
        case repeats
    }

    /// A socket has been made. False if it may not be used.
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

    /// Begins again on a new connection. Only when libcurl has given the transfer up, and outside of its callbacks.
    func restart() {
        begin = .none
        hasConnected = false
        sockets = []
        errorText.pointee = 0
        ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1)
    }

    /// Whether a kept connection is open and has nothing to be read. A TLS session ticket would count too, but those
    /// come before the first answer.
    private func isIdle(_ socket: Int32?) -> Bool {
        guard let socket else { return false }
        // What is left of a record that was read in part is in the socket no more.
        if let tls = ccurl_get_tls(easy), SSL_has_pending(tls) != 0 { return false }
        var byte: UInt8 = 0
        let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
    }

    private var isReused: Bool { number(CURLINFO_NUM_CONNECTS) == 0 }

    /// Of the request, its head included, on all connections.
    var bytesSent: Int { number(CURLINFO_REQUEST_SIZE) }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        ccurl_get_long(easy, info, &value)
        return value
    }
}

// MARK: - More than an answer

extension Transfer {
    /// libcurl drops what comes in one piece with the end of an answer, be it behind the last chunk or behind the head
    /// that answers a HEAD, and keeps the connection. It only says so in its log.
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

    /// Has libcurl write its log from now on.
    func watchForExcess() { ccurl_set_long(easy, CURLOPT_VERBOSE, 1) }
}

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
