/// The record of a request as a line for people, in columns; a failure has its reason on a second line:
///
///     12:03:44 200 POST /local/v1/chat/completions      web-app      gpt-4o-mini                18→47 tok  ttft  214 ms   1.32 s  $0.000155
///
/// Unknown values are left blank. Like `RecordLine`, it contains no prompts, no responses and no secrets.
struct TextLine {
    /// In scalars.
    private static let (requestWidth, keyWidth, modelWidth) = (38, 12, 24)
    private static let longestMessage = 300

    let text: String

    /// - Parameters:
    ///   - spent: what the request has used; nil if that isn't known.
    ///   - now: in milliseconds since 1970.
    init(_ record: RequestRecord, _ spent: RequestUsage?, _ style: TextStyle, at now: Int64) {
        let color = Self.color(record)
        let first = [
            style.paint(style.time(record.started), .faint),
            style.paint(record.status.map { "\($0)" } ?? "---", color),
            Self.column(Self.request(record), Self.requestWidth),
            Self.column(record.shownCaller, Self.keyWidth),
            Self.column(Self.model(record), Self.modelWidth),
        ]
        var line = first.joined(separator: " ")
        line += Self.numbers(record, spent, at: now)
        if record.attempts > 1 { line += "  \(record.attempts) attempts, \(Self.server(record))" }
        if let cache = record.cache.flatMap(Self.words(of:)) { line += "  " + style.paint(cache, .faint) }
        while line.last == " " { line.removeLast() }
        line += "\n"
        if let failure = record.failure { line += "         \(Self.reason(failure, record, style, color))\n" }
        text = line
    }

    /// A stream may fail after its status was sent, so the failure decides and not the status.
    private static func color(_ record: RequestRecord) -> TextStyle.Color {
        switch record.failure?.fault {
        case .upstream, .proxy: .red
        case .caller, .policy: .yellow
        case nil: .green
        }
    }

    private static func request(_ record: RequestRecord) -> String {
        record.shownRequest.map { "\($0.method) \($0.path)" } ?? ""
    }

    private static func model(_ record: RequestRecord) -> String {
        let model = record.answeredModel ?? record.requestedModel ?? record.model ?? ""
        return LogText(model, longest: modelWidth + 1, without: record.keys).text
    }

    /// Nil if a server has answered the request.
    private static func words(of cache: CacheUse) -> String? {
        switch cache.outcome {
        case .hit(_, let layer, let age, _): "from the cache (\(layer.rawValue)), \(age) s old"
        case .collapsed: "shared another request's response"
        case .miss, .bypass: nil
        }
    }

    private static func server(_ record: RequestRecord) -> String {
        TextStyle.printable(record.server?.name ?? "")
    }

    private static func reason(
        _ failure: Failure, _ record: RequestRecord, _ style: TextStyle, _ color: TextStyle.Color
    ) -> String {
        let quotesCaller = failure.fault == .caller || failure.fault == .policy
        let detail = LogText(failure.detail, longest: longestMessage, without: record.keys, guesses: quotesCaller)
        // By the id the client's error is found here.
        let request = style.paint(" (request \(TextStyle.printable(record.id)))", .faint)
        return style.paint(failure.type, color) + ": " + TextStyle.printable(detail.text) + request
    }
}

// MARK: - Columns

extension TextLine {
    private static func numbers(_ record: RequestRecord, _ spent: RequestUsage?, at now: Int64) -> String {
        let first = record.meter?.firstOutput.map { "ttft " + right(duration($0 - record.started), 7) }
        let columns = [
            right(spent.map { tokens($0.tokens) } ?? "", 14), right(first ?? "", 12),
            right(duration(now - record.started), 7), right(spent?.cost.map(dollars) ?? "", 9),
        ]
        return columns.map { "  " + $0 }.joined()
    }

    private static func tokens(_ usage: TokenUsage) -> String {
        "\(usage.isEstimate ? "~" : "")\(usage.input)→\(usage.output) tok"
    }

    /// With up to three digits: `214 ms`, `1.32 s`, `12.3 s`, `180 s`.
    static func duration(_ milliseconds: Int64) -> String {
        let milliseconds = max(0, milliseconds)
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if milliseconds < 100_000 {
            let places = milliseconds < 10_000 ? 2 : 1
            return decimal(milliseconds / (places == 2 ? 10 : 100), places: places) + " s"
        }
        return "\(milliseconds / 1000) s"
    }

    /// To a millionth of a dollar; from one dollar on, to the cent.
    static func dollars(_ cost: Double) -> String {
        guard cost > 0, cost.isFinite else { return "$0" }
        if cost < 0.000001 { return "<$0.000001" }
        if cost < 0.9999995 { return "$" + decimal(Int64((cost * 1e6).rounded()), places: 6) }
        return "$" + decimal(Int64((min(cost, 1e12) * 100).rounded()), places: 2)
    }

    private static func decimal(_ number: Int64, places: Int) -> String {
        var digits = "\(number)"
        digits = String(repeating: "0", count: max(0, places + 1 - digits.utf8.count)) + digits
        return digits.dropLast(places) + "." + digits.suffix(places)
    }

    /// Truncated or padded to a width in scalars.
    static func column(_ text: String, _ width: Int) -> String {
        let text = TextStyle.printable(text)
        let count = text.unicodeScalars.prefix(width + 1).count
        guard count > width else { return text + String(repeating: " ", count: width - count) }
        return text.shortened(to: width - 1, isCut: true)
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }
}

extension TextLine {
    /// What couldn't be counted after the record was written.
    init(_ uncounted: UncountedUsage, _ record: RequestRecord, _ style: TextStyle, at now: Int64) {
        var owed: [String] = []
        if uncounted.owed.tokens > 0 { owed.append("\(uncounted.owed.tokens) tokens") }
        if uncounted.owed.cost > 0 { owed.append(Self.dollars(Double(uncounted.owed.cost) / 1e9)) }
        let usage = owed.isEmpty ? "" : " (" + owed.joined(separator: ", ") + ")"
        let key = TextStyle.printable(record.keyID)
        let time = style.paint(style.time(now), .faint)
        let message = "\(UncountedUsageLine.message)\(usage), key \(key)"
        let reason = TextStyle.printable(uncounted.error.detail)
        text = "\(time) \(style.paint("warning", .yellow)): \(message)\n         \(reason)\n"
    }
}
