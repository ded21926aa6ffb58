import Glibc
import ScriptedUpstream

/// Plays the server's side of a script on loopback.
final class LoopbackServer: ScriptedServer {
    let url: String
    private let script: Script
    private let upstream: ScriptedUpstream
    private let filler: FilledListener?

    init(_ script: Script) throws {
        self.script = script
        upstream = try ScriptedUpstream(scripts: script.server.isEmpty ? [] : [Self.steps(of: script)])
        filler = script.address == .neverAccepting ? try FilledListener() : nil
        url =
            switch script.address {
            case .server: upstream.url
            case .refusing: "http://127.0.0.1:1/"
            case .unresolved: "http://nowhere.invalid/"
            case .neverAccepting: "http://127.0.0.1:\(filler?.port ?? 0)/"
            }
    }

    var isDone: Bool { script.server.isEmpty || upstream.isDone }
    func proceed() { upstream.proceed() }
    func hasTold() -> Bool { upstream.hasTold() }

    var request: ReceivedRequest? {
        guard let text = upstream.requests.first, let head = text.firstRange(of: "\r\n\r\n") else { return nil }
        guard script.streams else { return ReceivedRequest(isWhole: true) }
        var (request, rest) = (ReceivedRequest(), text[head.upperBound...])
        while let line = rest.firstRange(of: "\r\n"), let length = Int(rest[..<line.lowerBound], radix: 16) {
            rest = rest[line.upperBound...]
            guard length > 0 else {
                (request.isWhole, request.hasTrailers) = (rest.hasSuffix("\r\n"), rest != "\r\n")
                break
            }
            request.body += rest.prefix(length)
            rest = rest.dropFirst(length).drop { $0 == "\r\n" }
        }
        return request
    }

    private static func steps(of script: Script) -> [ScriptedUpstream.Step] {
        var framing = Script.Framing.untilClose
        return script.server.compactMap { step in
            switch step {
            case .readRequest: return .readRequest
            case .readUpload(let text): return .readUntil(text)
            case .head(let status, let its):
                framing = its
                return .send("HTTP/1.1 \(status) Status\r\n\(field(its))\r\n")
            case .partOfHead: return .send("HTTP/1.1 200 OK\r\nContent-Le")
            case .send(let text): return .send(framing == .chunked ? chunk(text) : text)
            case .end: return framing == .chunked ? .send(chunk("")) : framing == .untilClose ? .shutDown : nil
            case .excess(let text): return .send(text)
            case .close: return .shutDown
            case .reset: return .reset
            case .wait: return .wait
            case .tell: return .tell
            case .awaitClient: return .readToEnd
            }
        }
    }

    private static func field(_ framing: Script.Framing) -> String {
        switch framing {
        case .length(let length): "Content-Length: \(length)\r\n"
        case .chunked: "Transfer-Encoding: chunked\r\n"
        case .untilClose: ""
        }
    }

    private static func chunk(_ text: String) -> String { "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n" }
}

/// A listener whose queue is full, so that further connections are neither accepted nor refused.
private final class FilledListener: Sendable {
    let port: UInt16
    private let sockets: [Int32]

    init() throws {
        let listener = Self.newSocket()
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var sockets = [listener]
        let size = length
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, size) == 0, listen(listener, 0) == 0,
                    getsockname(listener, address, &length) == 0
                else { return false }
                for _ in 0..<4 {
                    sockets.append(Self.newSocket())
                    _ = connect(sockets[sockets.count - 1], address, size)
                }
                return true
            }
        }
        self.sockets = sockets
        port = UInt16(bigEndian: address.sin_port)
        guard isBound else { throw ScriptedUpstream.SocketError() }
    }

    deinit { for socket in sockets { close(socket) } }

    private static func newSocket() -> Int32 {
        socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }
}
