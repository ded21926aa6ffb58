/// A day of the Gregorian calendar, in UTC. FoundationEssentials has a calendar, but would add megabytes.
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
        // If years begin in March, the leap day is at the end of the year. All eras of 400 years are alike.
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

/// A time in UTC as written in the table: `2027-01-31`, which means the start of that day, or `2027-01-31T12:00:00Z`.
package struct Timestamp: Equatable {
    /// Since 1970.
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Nil if the text has another form, or names a day or a time that doesn't exist.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let form = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
        guard bytes.count == 10 || bytes.count == form.count else { return nil }
        var numbers: [Int64] = [0]
        for (byte, expected) in zip(bytes, form) {
            if expected == UInt8(ascii: "d") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard byte == expected else { return nil }
                numbers.append(0)
            }
        }
        numbers += Array(repeating: 0, count: max(0, 6 - numbers.count))
        let day = CalendarDate(year: numbers[0], month: numbers[1], day: numbers[2])
        // February 30 would be accepted as a day in March, so it is compared with the date of its own start.
        guard day.year >= 1970, day.start >= 0, CalendarDate(atSeconds: day.start) == day,
            numbers[3] < 24, numbers[4] < 60, numbers[5] < 60
        else { return nil }
        seconds = day.start + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    /// Includes the time only if it isn't the start of a day.
    package var text: String {
        let text = Self.timestamp(seconds * 1000)
        return text.dropFirst(10).hasPrefix("T00:00:00") ? String(text.prefix(10)) : text.prefix(19) + "Z"
    }

    /// In the format of RFC 3339, always with milliseconds.
    /// - Parameter milliseconds: since 1970; not negative, and before the year 10,000.
    package static func timestamp(_ milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        let date = CalendarDate(atSeconds: seconds)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        write(date.year, digits: 4, then: "-", to: &text)
        write(date.month, then: "-", to: &text)
        write(date.day, then: "T", to: &text)
        write(seconds / 3600 % 24, then: ":", to: &text)
        write(seconds / 60 % 60, then: ":", to: &text)
        write(seconds % 60, then: ".", to: &text)
        write(milliseconds % 1000, digits: 3, then: "Z", to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func write(
        _ number: Int64, digits: Int = 2, then separator: Unicode.Scalar, to text: inout [UInt8]
    ) {
        var divisor: Int64 = digits == 4 ? 1000 : digits == 3 ? 100 : 10
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
        text.append(UInt8(ascii: separator))
    }
}
