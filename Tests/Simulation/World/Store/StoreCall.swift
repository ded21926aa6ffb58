/// One update that a process has sent to the store, and what became of it.
final class StoreCall {
    let process: Int
    /// The item's id.
    let item: String
    let begun: Int64
    /// What it adds to the item's numbers.
    let (requests, tokens): (Int, Int)
    /// Whether it asks for permits, and so is refused at a limit.
    let isTake: Bool
    /// Whether the table has changed.
    var isCarriedOut = false
    /// When the process has heard that the table has changed; nil if it hasn't.
    var heard: Int64?
    /// Permits that no request has used so far, as far as the world can tell.
    var permits: Int

    /// - Returns: nil for anything but an update.
    init?(_ exchange: Exchange, process: Int, at now: Int64) {
        let body = exchange.body
        guard body.hasText("\"UpdateExpression\""), let start = body.position(of: "\"id\":{\"S\":\""),
            let end = body[start...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        item = String(decoding: body[start..<end], as: UTF8.self)
        (self.process, begun) = (process, now)
        (requests, tokens) = (
            body.amount(behind: "\":requests\":{\"N\":\""), body.amount(behind: "\":tokens\":{\"N\":\"")
        )
        isTake = requests > 0 && body.hasText("\"ConditionExpression\"")
        permits = isTake ? requests : 0
    }
}

extension [UInt8] {
    /// The number that follows a text; 0 if there is none.
    fileprivate func amount(behind text: StaticString) -> Int {
        guard let start = position(of: text), let end = self[start...].firstIndex(of: UInt8(ascii: "\"")) else {
            return 0
        }
        return Int(String(decoding: self[start..<end], as: UTF8.self)) ?? 0
    }
}
