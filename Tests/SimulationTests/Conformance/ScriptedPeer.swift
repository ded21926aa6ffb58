import CurlTransport
import HTTPTypes
import SimulatedWorld
import Transport

/// Plays the server's side of a script in the simulated world.
///
/// `@unchecked Sendable`: a life runs on one thread.
final class ScriptedPeer: ScriptedServer, Peer, @unchecked Sendable {
    let url = "http://peer.test/"
    private(set) var isDone: Bool
    private(set) var request: ReceivedRequest?
    private let script: Script
    private var position = 0
    private var mayProceed = 0
    private var isWaiting = false
    private var told = 0
    private var exchange: Exchange?

    init(_ script: Script) {
        self.script = script
        isDone = script.server.isEmpty
    }

    func proceed() {
        mayProceed += 1
        guard isWaiting, let exchange else { return }
        isWaiting = false
        play(exchange)
    }

    func hasTold() -> Bool {
        guard told > 0 else { return false }
        told -= 1
        return true
    }

    func receive(_ exchange: Exchange) {
        switch script.address {
        case .refusing: return exchange.fail(.refused)
        case .neverAccepting: return
        default: break
        }
        self.exchange = exchange
        exchange.connected()
        goOn(exchange)
    }

    private func goOn(_ exchange: Exchange) { exchange.loop.deliver(after: 1) { [self] in play(exchange) } }

    /// Plays the next step.
    private func play(_ exchange: Exchange) {
        guard position < script.server.count else {
            isDone = true
            return
        }
        let step = script.server[position]
        switch step {
        case .readRequest: return read(exchange) { false }
        case .readUpload(let text): return read(exchange) { [self] in request?.body.contains(text) == true }
        case .wait:
            guard mayProceed > 0 else { return isWaiting = true }
            mayProceed -= 1
        case .awaitClient:
            guard exchange.isEnded else {
                return exchange.onClientGone = { [self, unowned exchange] in next(exchange) }
            }
        case .head(let status, _): exchange.head(HTTPResponse.Status(code: status), [:])
        case .send(let text), .excess(let text): exchange.send(Array(text.utf8))
        case .end: exchange.finish()
        case .close, .reset: exchange.fail(.reset)
        case .tell: told += 1
        case .partOfHead: break
        }
        next(exchange)
    }

    private func next(_ exchange: Exchange) {
        position += 1
        goOn(exchange)
    }

    private func read(_ exchange: Exchange, until isEnough: @escaping () -> Bool) {
        var received = request ?? ReceivedRequest()
        let result = withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            let read = exchange.upload.read(into: buffer)
            if case .bytes(let count) = read { received.body += String(decoding: buffer[..<count], as: UTF8.self) }
            return read
        }
        received.isWhole = result == .end
        received.hasTrailers = received.isWhole && !exchange.upload.trailers.isEmpty
        request = received
        if isEnough() { return next(exchange) }
        switch result {
        case .bytes: read(exchange, until: isEnough)
        case .empty:
            guard !exchange.isEnded else { return next(exchange) }
            exchange.onClientGone = { [self, unowned exchange] in next(exchange) }
            exchange.upload.pipe?.onReadable = {
                exchange.loop.deliver(after: 0) { [self] in
                    guard !exchange.isEnded else { return }
                    exchange.onClientGone = nil
                    read(exchange, until: isEnough)
                }
            }
        case .end: next(exchange)
        case .failed:
            exchange.fail(.canceled)
            next(exchange)
        }
    }
}
