import Glibc

/// Lambda's side: answers polls with events, and receives the responses.
final class RuntimeAPI: Caller, ConnectionRole {
    weak var events: (any CallerEvents)?
    private let reactor: Reactor
    private let work: Work
    /// Of all requests, unless each has its own.
    private let body: String
    private var listener: Listener?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var polls: [Connection] = []
    private var requests: [ObjectIdentifier: RuntimeRequest] = [:]
    private var exchanges: [Int: Exchange] = [:]
    private var lastID = 0

    init(_ work: Work, _ reactor: Reactor) throws(Fault) {
        self.reactor = reactor
        self.work = work
        body = Payload.request(work)
        listener = try Listener(reactor) { [unowned self] connection in
            connection.role = self
            connections[ObjectIdentifier(connection)] = connection
        }
    }

    var port: UInt16 { listener?.port ?? 0 }
    var idle: Int { polls.count }

    func begin() {
        lastID += 1
        let body = work.isDistinct ? Payload.request(work) : body
        let event = Payload.event(body: body, key: work.key, requestID: lastID)
        let head = """
            HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: \(lastID)\r\n\
            Lambda-Runtime-Deadline-Ms: \(Self.deadline())\r\n\
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:bench\r\n\
            Lambda-Runtime-Trace-Id: Root=1-67891233-abcdef012345678912345678;Sampled=0\r\n\
            Content-Length: \(event.count)\r\n\r\n
            """
        let poll = polls.removeFirst()
        exchanges[lastID] = Exchange()
        poll.send(Array(head.utf8) + event)
    }

    func received(_ head: MessageHead, on connection: Connection) {
        guard let request = RuntimeRequest(head.target) else {
            return reactor.fail("the program asked the Runtime API for \(head.startLine)")
        }
        requests[ObjectIdentifier(connection)] = request
    }

    func received(_ body: UnsafeRawBufferPointer, on connection: Connection) {
        switch requests[ObjectIdentifier(connection)] {
        case .response(let id):
            let now = Clock.now()
            guard let exchange = exchanges[id] else { return }
            exchange.received(body, at: now) { events?.received(stamp: $0, at: now, in: exchange) }
        case .error: reactor.fail("the program reports: \(String(decoding: body, as: UTF8.self))")
        default: break
        }
    }

    func receivedEnd(on connection: Connection) {
        switch requests.removeValue(forKey: ObjectIdentifier(connection)) {
        case .next:
            polls.append(connection)
            events?.becameIdle()
        case .response(let id):
            connection.send(Array("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".utf8))
            if let exchange = exchanges.removeValue(forKey: id) { events?.ended(exchange) }
        case .register:
            connection.send(
                Array("HTTP/1.1 200 OK\r\nLambda-Extension-Identifier: 1\r\nContent-Length: 2\r\n\r\n{}".utf8))
        case .extensionNext, .error, nil: break
        }
    }

    func drained(_ connection: Connection) {}

    func closed(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
        requests[ObjectIdentifier(connection)] = nil
        polls.removeAll { $0 === connection }
    }

    /// A quarter of an hour from now, in milliseconds since 1970.
    private static func deadline() -> Int { (time(nil) + 900) * 1000 }
}
