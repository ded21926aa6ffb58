/// A day of the Gregorian calendar, in UTC. FoundationEssentials' calendar would cost megabytes for it.
package struct CalendarDate: Equatable, Sendable {
    package let year: Int64
    /// From 1.
    package let month: Int64
    /// From 1.
    package let day: Int64

    package init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// - Parameter seconds: since 1970; not negative.
    package init(atSeconds seconds: Int64) {
        // Years that begin in March have their leap day at the end, and eras of 400 years are alike.
        let days = seconds / 86_400 + 719_468
        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// When the day begins, in seconds since 1970.
    package var start: Int64 {
        let year = month > 2 ? self.year : self.year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return (365 * year + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468) * 86_400
    }

    package var monthStart: Int64 { Self(year: year, month: month, day: 1).start }

    package var nextMonthStart: Int64 {
        (month == 12 ? Self(year: year + 1, month: 1, day: 1) : Self(year: year, month: month + 1, day: 1)).start
    }
}
