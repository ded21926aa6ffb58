import HTTPTypes
import Transport

/// Where the issuer publishes its keys. What each call gets is drawn.
final class IssuerServer: Peer {
    private unowned let life: Life

    init(_ life: Life) { self.life = life }

    func receive(_ exchange: Exchange) {
        var draw = life.draw.of(.issuer, life.noteIssuerCall())
        for field in exchange.fields where Secrets.isIn(field.value.utf8, orTokens: true) {
            life.report(.secrets, "the issuer gets a secret in \(field.name)")
        }
        let isBad = draw.chance(life.plan.serverFaults)
        let latency = draw.one(of: [3, 40, draw.pick(2000)])
        let fault = isBad ? draw.one(of: Fault.allCases) : nil
        life.trace("the issuer", "gets \(exchange.url) and \(fault.map { "\($0)" } ?? "answers") after \(latency) ms")
        exchange.loop.deliver(after: latency) { [self] in if !exchange.isEnded { answer(exchange, fault) } }
    }

    private func answer(_ exchange: Exchange, _ fault: Fault?) {
        if fault == .refusesConnection { return exchange.fail(.refused) }
        if fault == .resets { return exchange.fail(.reset) }
        exchange.connected()
        if fault == .isSilent { return }
        let document = exchange.url == SimulatedIssuer.jwksURL ? SimulatedIssuer.jwks : SimulatedIssuer.discovery
        exchange.head(fault == .fails ? .internalServerError : .ok, [.contentType: "application/json"])
        exchange.send(fault == .sendsHalf ? Array(document.prefix(document.count / 2)) : document)
        exchange.finish()
    }

    private enum Fault: CaseIterable { case refusesConnection, resets, isSilent, fails, sendsHalf }
}
