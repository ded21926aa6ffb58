import SimulatedWorld

extension WorldPlan {
    /// What makes a world differ from the simplest one.
    var lines: [String] {
        var lines = ["processes: \(processes), slots of each: \(slots)"]
        if skews.contains(where: { $0 != 0 }) { lines.append("the processes' clocks are wrong by \(skews) ms") }
        for end in ends {
            lines.append("process \(end.process) is \(end.isKill ? "killed" : "told to end") after \(end.at) ms")
        }
        for freeze in freezes {
            lines.append("process \(freeze.process) may be frozen after \(freeze.from) ms, for \(freeze.length) ms")
        }
        if pollFaults > 0 { lines.append("\(pollFaults) % of the polls fail") }
        if serverFaults > 0 { lines.append("\(serverFaults) % of the calls to servers go wrong") }
        if storeFaults.share > 0 { lines.append("\(storeFaults.share) % of the calls to DynamoDB fail") }
        if let outage = storeFaults.outage {
            lines.append("DynamoDB is out from \(outage.lowerBound) ms to \(outage.upperBound) ms")
        }
        if storeFaults.hasOldLeases { lines.append("DynamoDB has as many expired leases as may be open") }
        if hasFloods { lines.append("many answers are long") }
        if folderFaults > 0 { lines.append("the folders for cached responses fail in \(folderFaults) % of all cases") }
        if storeFaults.skew != 0 { lines.append("DynamoDB's clock is wrong by \(storeFaults.skew) ms") }
        return lines
    }
}

extension RequestPlan {
    /// When what is asked, and what makes it differ from the simplest request.
    var line: String {
        var parts = ["id-\(number) after \(arrival) ms: \(target)", server.map { "s\($0)" } ?? "the shared address"]
        parts.append("key \(key)")
        if let name {
            parts.append("model m\(name)\(omitsName ? ", left out" : "")")
        } else if model != .none {
            parts.append("model \(model)")
        }
        if texts > 1 { parts.append("\(texts) texts") }
        if isStream { parts.append("a stream\(wantsUsage ? " with usage" : "")") }
        if question > 0 { parts.append("question \(question)") }
        if padding > 0 { parts.append("\(padding) bytes more") }
        if let cacheControl { parts.append(cacheControl) }
        if door != .functionURL { parts.append("as an event of \(door)") }
        if eventFault != .none { parts.append("the event is \(eventFault)") }
        parts.append(timeLeft.map { "\($0) ms of time" } ?? "no deadline")
        return (parts + reading.parts).joined(separator: ", ")
    }
}

extension Reading {
    fileprivate var parts: [String] {
        var parts: [String] = []
        if pause > 0 { parts.append("reads \(piece) bytes every \(pause) ms") }
        if let stopsAfter { parts.append("stops reading after \(stopsAfter) bytes") }
        if let resetsAfter { parts.append("leaves after \(resetsAfter) bytes") }
        if status != 202 { parts.append("the Runtime API answers \(status)\(refusesEarly ? " at once" : "")") }
        return parts
    }
}
