/// One update that a process has sent to the store, and what became of it.
final class StoreCall {
    let process: Int
    /// The item's id.
    let item: String
    let begun: Int64
    /// What it adds to the item's numbers.
    let (requests, tokens): (Int, Int)
    /// In billionths of a dollar.
    let cost: Int
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
        guard body.hasText("\"UpdateExpression\""), let item = body.string(behind: "\"id\":{\"S\":\"") else {
            return nil
        }
        self.item = item
        (self.process, begun) = (process, now)
        requests = body.string(behind: "\":requests\":{\"N\":\"").flatMap { Int($0) } ?? 0
        tokens = body.string(behind: "\":tokens\":{\"N\":\"").flatMap { Int($0) } ?? 0
        cost = body.string(behind: "\":cost\":{\"N\":\"").flatMap { Int($0) } ?? 0
        isTake = requests > 0 && body.hasText("\"ConditionExpression\"")
        permits = isTake ? requests : 0
    }
}
