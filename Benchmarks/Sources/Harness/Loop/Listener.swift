import Glibc

/// Accepts connections for one of the roles.
final class Listener: Watcher {
    let port: UInt16
    private let descriptor: Int32
    private let reactor: Reactor
    private let accepted: (Connection) -> Void

    init(_ reactor: Reactor, accepted: @escaping (Connection) -> Void) throws(Fault) {
        (descriptor, port) = try Sockets.listen()
        self.reactor = reactor
        self.accepted = accepted
        reactor.watch(descriptor, self)
    }

    func ready(_ events: UInt32) {
        while let connection = Sockets.accept(descriptor) { accepted(Connection(connection, reactor)) }
    }

    func stop() {
        reactor.forget(descriptor)
        close(descriptor)
    }
}
