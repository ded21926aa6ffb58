/// Durations as people and OpenAI write them.
enum DurationText {
    /// As OpenAI writes it: `120ms`, `12s`, `6m0s`, `17h15m0s`. Seconds are rounded up.
    static func words(_ milliseconds: Int) -> String {
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        let seconds = (milliseconds + 999) / 1000
        guard seconds >= 60 else { return "\(seconds)s" }
        guard seconds >= 3600 else { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m\(seconds % 60)s"
    }
}
