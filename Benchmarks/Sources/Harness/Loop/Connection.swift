import CHarness
import Glibc

/// What a connection tells the role it belongs to.
protocol ConnectionRole: AnyObject {
    func received(_ head: MessageHead, on connection: Connection)
    func received(_ body: UnsafeRawBufferPointer, on connection: Connection)
    /// The message is complete; another may follow.
    func receivedEnd(on connection: Connection)
    /// Everything has been sent, after some of it had to wait.
    func drained(_ connection: Connection)
    func closed(_ connection: Connection)
}

/// A socket that reads HTTP messages, and sends bytes as fast as its peer reads them.
final class Connection: Watcher {
    weak var role: (any ConnectionRole)?
    private let descriptor: Int32
    private let reactor: Reactor
    private var reader = MessageReader()
    private var unsent: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32, _ reactor: Reactor) {
        self.descriptor = descriptor
        self.reactor = reactor
        reactor.watch(descriptor, self)
    }

    var isDrained: Bool { unsent.isEmpty }

    func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { send($0) } }

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard unsent.isEmpty else { return unsent.append(contentsOf: bytes) }
        let sent = max(Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)), 0)
        guard sent < bytes.count else { return }
        unsent.append(contentsOf: bytes[sent...])
        reactor.wantsToWrite(descriptor, true)
    }

    func ready(_ events: UInt32) {
        if events & EPOLLOUT.rawValue != 0 { sendRest() }
        if events & ~EPOLLOUT.rawValue != 0 { receive() }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        reactor.forget(descriptor)
        Glibc.close(descriptor)
    }

    private func sendRest() {
        let sent = unsent.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent > 0 else { return }
        unsent.removeFirst(sent)
        guard unsent.isEmpty else { return }
        reactor.wantsToWrite(descriptor, false)
        role?.drained(self)
    }

    private func receive() {
        let count = recv(descriptor, reactor.scratch.baseAddress, reactor.scratch.count, 0)
        if count > 0, let role {
            reader.read(UnsafeRawBufferPointer(rebasing: reactor.scratch[..<count])) { part in
                switch part {
                case .head(let head): role.received(head, on: self)
                case .body(let bytes): role.received(bytes, on: self)
                case .end: role.receivedEnd(on: self)
                }
            }
        } else if count == 0 || errno != EAGAIN {
            close()
            role?.closed(self)
        }
    }
}
