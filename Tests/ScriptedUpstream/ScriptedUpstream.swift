import Glibc
import Synchronization

/// A server on loopback that does exactly what the test says, on raw sockets, with a script for each connection.
package final class ScriptedUpstream: Sendable {
    package enum Step: Sendable {
        /// Reads to the request's end: the header and, if there is one, the body, by its length or chunks.
        case readRequest
        /// Reads until a text has come.
        case readUntil(String)
        case send(String)
        case sendBytes([UInt8])
        /// Waits until the test calls `proceed()`.
        case wait
        /// Wakes the test that waits in `awaitTell()`.
        case tell
        /// Waits until the client closes the connection.
        case readToEnd
        /// Sends the end of the stream.
        case shutDown
        /// Closes with RST.
        case reset
    }

    package let port: UInt16
    private let listener: Int32
    private let received = Mutex<[String]>([])
    private let done = Mutex(false)
    private let gate = Gate()
    private let told = Gate()

    /// - Parameter scripts: One for each connection, in the order in which they arrive.
    package convenience init(_ scripts: [Step]...) throws { try self.init(scripts: scripts) }

    package init(scripts: [[Step]]) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (listener, size) = (listener, length)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw SocketError() }
        port = UInt16(bigEndian: address.sin_port)
        BackgroundThread.start { [self] in
            for script in scripts {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                run(script, on: connection)
            }
            done.withLock { $0 = true }
        }
    }

    deinit { close(listener) }

    package struct SocketError: Error { package init() {} }

    package var url: String { "http://127.0.0.1:\(port)" }
    /// The requests that have been read, as far as they came.
    package var requests: [String] { received.withLock { $0 } }

    /// Lets one `wait` step go on.
    package func proceed() { gate.open() }

    /// Waits for a `tell` step.
    package func awaitTell() { told.pass() }

    /// Whether there has been a `tell` step since the last call that returned true.
    package func hasTold() -> Bool { told.passIfOpen() }

    /// Whether all scripts have run.
    package var isDone: Bool { done.withLock { $0 } }

    private func run(_ script: [Step], on connection: Int32) {
        var request = ""
        defer {
            if !request.isEmpty { received.withLock { $0.append(request) } }
            close(connection)
        }
        for step in script {
            switch step {
            case .readRequest:
                read(connection, to: &request) { isComplete($0) }
                received.withLock { $0.append(request) }
                request = ""
            case .readUntil(let text): read(connection, to: &request) { $0.contains(text) }
            case .send(let text): sendAll(Array(text.utf8), connection)
            case .sendBytes(let bytes): sendAll(bytes, connection)
            case .wait: gate.pass()
            case .tell: told.open()
            case .shutDown: shutdown(connection, Int32(SHUT_WR))
            case .readToEnd: while !receive(connection).isEmpty {}
            case .reset:
                var linger = linger(l_onoff: 1, l_linger: 0)
                setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            }
        }
    }

    private func read(_ connection: Int32, to text: inout String, until isEnough: (String) -> Bool) {
        while !isEnough(text) {
            let bytes = receive(connection)
            guard !bytes.isEmpty else { break }
            text += String(decoding: bytes, as: UTF8.self)
        }
    }

    private func isComplete(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
        let body = bytes[end.upperBound...]
        if head.contains("transfer-encoding: chunked") {
            let hasLastChunk = body.starts(with: "0\r\n".utf8) || body.firstRange(of: Array("\r\n0\r\n".utf8)) != nil
            return hasLastChunk && body.suffix(4).elementsEqual("\r\n\r\n".utf8)
        }
        let fields = head.split(separator: "\r\n")
        guard let field = fields.first(where: { $0.hasPrefix("content-length:") }) else { return true }
        return body.count >= Int(field.split(separator: " ").last ?? "0") ?? 0
    }

    private func receive(_ connection: Int32) -> ArraySlice<UInt8> {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(connection, &buffer, buffer.count, 0)
        return buffer[..<max(0, count)]
    }

    private func sendAll(_ bytes: [UInt8], _ connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
