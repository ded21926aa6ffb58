import Calendar

/// A moment as signatures have it.
struct SigningTime {
    /// Such as `20150830`.
    let day: String
    /// Such as `20150830T123600Z`.
    let instant: String

    /// - Parameter seconds: since 1970; not negative.
    init(_ seconds: Int64) {
        let date = CalendarDate(atSeconds: seconds)
        let time = seconds - date.start
        day = "\(Self.digits(date.year, 4))\(Self.digits(date.month))\(Self.digits(date.day))"
        instant = "\(day)T\(Self.digits(time / 3600))\(Self.digits(time / 60 % 60))\(Self.digits(time % 60))Z"
    }

    private static func digits(_ number: Int64, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
