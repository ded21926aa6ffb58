import Calendar

/// For how long something is counted. Periods begin with the minute, the day and the month of UTC, so that processes
/// which know nothing of each other count in the same ones.
package enum Period: String, Sendable, Hashable, CaseIterable {
    case minute, day, month

    /// When the period began in which this moment lies. In seconds since 1970.
    package func start(at seconds: Int64) -> Int64 {
        switch self {
        case .minute: seconds - seconds % 60
        case .day: seconds - seconds % 86_400
        case .month: CalendarDate(atSeconds: seconds).monthStart
        }
    }

    /// When the period ends in which this moment lies. In seconds since 1970.
    package func end(at seconds: Int64) -> Int64 {
        switch self {
        case .minute: start(at: seconds) + 60
        case .day: start(at: seconds) + 86_400
        case .month: CalendarDate(atSeconds: seconds).nextMonthStart
        }
    }
}
