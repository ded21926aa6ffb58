import HTTPTypes
import Transport

/// DynamoDB as all processes of a life share it: linearizable, but slow, unreachable or forgetful at drawn moments.
final class SimulatedStore: Peer {
    private unowned let life: Life
    private let faults: StoreFaults
    private var draw: Draw
    private(set) var table = SimulatedTable()
    /// Whether some call wasn't carried out, or its answer was lost.
    private(set) var hasFailed = false
    /// All updates, in the order in which they were made.
    private(set) var calls: [StoreCall] = []

    private enum Fault {
        case none, refused, throttled, broken
        /// The request, or the answer to one that was carried out, is lost. The client sees a closed connection, or
        /// hears nothing.
        case lostRequest(isSilent: Bool)
        case lostAnswer(isSilent: Bool)
        case nonsense
    }

    init(_ life: Life, _ draw: Draw) {
        (self.life, self.draw, faults) = (life, draw, life.plan.storeFaults)
        if faults.hasOldLeases { for scope in life.allScopes { fill(scope) } }
    }

    /// Leaves expired leases in a scope, until no more may be open.
    private func fill(_ scope: ScopePlan) {
        guard let most = scope.quotas.parallel else { return }
        let expired = life.schedule.start / 1000 - Self.sinceOldLeases
        let leases = (0..<most).map { "\"\(expired):gone-\($0)\"" }.joined(separator: ",")
        let item = "{\"id\":{\"S\":\"\(scope.text)#open\"},\"leases\":{\"SS\":[\(leases)]}}"
        _ = table.answer("PutItem", Array("{\"TableName\":\"limits\",\"Item\":\(item)}".utf8))
    }

    /// Longer than the grace that leases have. In seconds.
    private static let sinceOldLeases: Int64 = 600

    func receive(_ exchange: Exchange) {
        let fault = fault()
        let call = StoreCall(exchange, process: life.process(of: exchange.loop), at: life.schedule.now)
        if let call { calls.append(call) }
        if case .none = fault {
        } else {
            hasFailed = true
            life.trace("dynamodb", "will fail: \(fault)")
        }
        let way = draw.pick(1 + faults.slowest / 2)
        if case .refused = fault { return exchange.loop.deliver(after: way) { exchange.fail(.refused) } }
        // The table's time goes on while a process is frozen.
        life.schedule.after(way) { [self] in
            exchange.connected()
            answer(exchange, fault, call)
        }
    }

    private func fault() -> Fault {
        let time = Int(life.schedule.now - life.schedule.start)
        if let outage = faults.outage, outage.contains(time) { return .lostRequest(isSilent: draw.chance(50)) }
        guard draw.chance(faults.share) else { return .none }
        if faults.onlyResets { return draw.chance(70) ? .lostAnswer(isSilent: false) : .lostRequest(isSilent: false) }
        return switch draw.pick(8) {
        case 0: .refused
        case 1: .throttled
        case 2: .broken
        case 3: .lostRequest(isSilent: false)
        case 4: .lostRequest(isSilent: true)
        case 5: .lostAnswer(isSilent: false)
        case 6: .lostAnswer(isSilent: true)
        default: .nonsense
        }
    }

    private func answer(_ exchange: Exchange, _ fault: Fault, _ call: StoreCall?) {
        let back = draw.pick(1 + faults.slowest / 2)
        var (status, body) = (200, [UInt8]())
        switch fault {
        case .throttled: (status, body) = (400, SimulatedTable.error("ThrottlingException"))
        case .broken: (status, body) = (500, SimulatedTable.error("InternalServerError"))
        case .lostRequest(let isSilent):
            if !isSilent { exchange.loop.deliver(after: back) { exchange.fail(.reset) } }
            return
        case .nonsense: body = Array("<html>".utf8)
        default:
            (status, body) = carryOut(exchange)
            call?.isCarriedOut = status == 200
        }
        if case .lostAnswer(let isSilent) = fault {
            if !isSilent { exchange.loop.deliver(after: back) { exchange.fail(.reset) } }
            return
        }
        let date = Self.date((life.schedule.now + Int64(faults.skew)) / 1000)
        exchange.loop.deliver(after: back) { [life] in
            if !exchange.isEnded, call?.isCarriedOut == true { call?.heard = life.schedule.now }
            exchange.head(HTTPResponse.Status(code: status), [.contentType: "application/x-amz-json-1.0", .date: date])
            exchange.send(body)
            exchange.finish()
        }
    }

    /// The form of HTTP's header fields, for the month in which all lives happen.
    private static func date(_ seconds: Int64) -> String {
        let start: Int64 = 1_793_491_200  // the first of November 2026
        let (day, second) = (seconds - start).quotientAndRemainder(dividingBy: 86_400)
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        return "Sun, \(two(day + 1)) Nov 2026 \(clock) GMT"
    }

    private func carryOut(_ exchange: Exchange) -> (Int, [UInt8]) {
        let target = exchange.fields[.known("x-amz-target")] ?? ""
        let operation = String(target.utf8.dropFirst("DynamoDB_20120810.".utf8.count)) ?? ""
        let answer = table.answer(operation, exchange.body)
        if life.isTraced {
            life.trace("dynamodb", "\(operation) \(String(decoding: exchange.body, as: UTF8.self))")
            life.trace("dynamodb", "  answers \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
        }
        return answer
    }
}
