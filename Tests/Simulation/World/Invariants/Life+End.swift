/// What must be true when nothing happens any more, and at the end.
extension Life {
    func checkMemory(of visit: Visit) {
        for number in visit.calls { checkMemory(of: calls[number], visit) }
    }

    /// What has arrived of an answer and hasn't been passed on. With the buffers of two pipes and a request to the
    /// Runtime API, and a piece in each; a cached answer is recorded beside them.
    private func checkMemory(of call: ServerCall, _ visit: Visit) {
        guard call.status == 200, let answer = visit.answers.first, answer.isStreamed else { return }
        // A whole answer of Bedrock is translated at once.
        guard !call.isBedrock || call.isStream else { return }
        let recorded = table.servers[call.server].cache == nil ? 0 : 2 * 1024 * 1024
        let held = call.exchange.taken - answer.bytes.count
        if held > 400 * 1024 + recorded { report(.memory, "\(held) bytes of call-\(call.number) are held") }
    }

    func checkSecrets(in bytes: [UInt8], _ place: String) {
        guard Secrets.isIn(bytes, orTokens: table.users != nil) else { return }
        report(.secrets, "\(place) has a secret: \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
    }

    /// All slots of a process poll, so no request waits. An exchange may go on, for example to store a response; then
    /// its timers may too.
    func checkIdle(_ process: SimulatedProcess) {
        let (loop, number) = (process.loop, process.number)
        guard process.isAlive, !loop.isFrozen, loop.exchanges.allSatisfy({ $0.url.hasSuffix("/next") }) else { return }
        // A process that was told to end has timers for that.
        guard loop.pendingTimers > 0, terminations[number] == nil else { return }
        report(.nothingLeft, "process \(number) waits for events with \(loop.pendingTimers) timers")
    }

    /// Nothing happens any more, and the processes wait for the next event.
    func checkQuiet() {
        for process in processes where process.isAlive {
            let left = process.loop.exchanges.filter { !$0.url.hasSuffix("/next") }
            for exchange in left {
                report(.nothingLeft, "process \(process.number) still has an exchange: \(exchange.url)")
            }
            if process.loop.pendingTimers > 0 {
                report(.nothingLeft, "process \(process.number) still has \(process.loop.pendingTimers) timers")
            }
            let polls = process.api.openPolls
            if polls != plan.slots { report(.nothingLeft, "\(polls) of \(plan.slots) slots poll") }
        }
        for visit in visits { if let visit { checkAnswers(of: visit) } }
        checkCounters()
    }

    func checkEnd() {
        for process in everyProcess {
            if process.isAlive { report(.nothingLeft, "process \(process.number) doesn't end") }
            if !returned.contains(process.number) {
                report(.nothingLeft, "process \(process.number) has ended, but its run loop hasn't returned")
            }
            for exchange in process.loop.exchanges {
                report(.nothingLeft, "process \(process.number) has ended with an exchange: \(exchange.url)")
            }
        }
    }
}
