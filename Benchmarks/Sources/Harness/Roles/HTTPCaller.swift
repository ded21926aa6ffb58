/// An HTTP client with one connection for each parallel stream. It keeps them between requests.
final class HTTPCaller: Caller, ConnectionRole {
    weak var events: (any CallerEvents)?
    private let reactor: Reactor
    private let work: Work
    private let port: UInt16
    /// Sent by all exchanges, unless each has its own.
    private let request: [UInt8]
    private var connections: [Connection] = []
    private var free: [Connection] = []
    private var exchanges: [ObjectIdentifier: Exchange] = [:]

    /// Throws if nobody listens on the port.
    init(_ work: Work, _ reactor: Reactor, port: UInt16, streams: Int) throws(Fault) {
        self.reactor = reactor
        self.work = work
        self.port = port
        request = Self.request(work, port)
        for _ in 0..<streams {
            guard let descriptor = Sockets.connect(port: port) else { throw Fault("nobody listens on port \(port)") }
            let connection = Connection(descriptor, reactor)
            connection.role = self
            connections.append(connection)
        }
        free = connections
    }

    var idle: Int { free.count }

    func begin() {
        let connection = free.removeLast()
        exchanges[ObjectIdentifier(connection)] = Exchange()
        connection.send(work.isDistinct ? Self.request(work, port) : request)
    }

    private static func request(_ work: Work, _ port: UInt16) -> [UInt8] {
        let body = Payload.request(work)
        let head = """
            POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nAuthorization: Bearer bench-key\r\n\
            Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n
            """
        return Array((head + body).utf8)
    }

    func close() {
        for connection in connections { connection.close() }
    }

    func received(_ head: MessageHead, on connection: Connection) {
        if head.status != 200 { reactor.fail("the gateway answers \(head.startLine)") }
    }

    func received(_ body: UnsafeRawBufferPointer, on connection: Connection) {
        let now = Clock.now()
        guard let exchange = exchanges[ObjectIdentifier(connection)] else { return }
        exchange.received(body, at: now) { events?.received(stamp: $0, at: now, in: exchange) }
    }

    func receivedEnd(on connection: Connection) {
        guard let exchange = exchanges.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        free.append(connection)
        events?.ended(exchange)
        events?.becameIdle()
    }

    func drained(_ connection: Connection) {}

    func closed(_ connection: Connection) {
        if exchanges[ObjectIdentifier(connection)] != nil { reactor.fail("a connection was closed within an answer") }
    }
}
