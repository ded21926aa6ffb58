import Proxy

/// A moment as the table has it: `2027-01-31`, which is the day's beginning, or `2027-01-31T12:00:00Z`; in UTC.
package struct Moment: Equatable {
    /// Since 1970.
    package let seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Nil if the text is something else, or names a day or a time that there isn't.
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
        // The 30th of February has a beginning too: in March.
        guard day.year >= 1970, day.start >= 0, CalendarDate(atSeconds: day.start) == day,
            numbers[3] < 24, numbers[4] < 60, numbers[5] < 60
        else { return nil }
        seconds = day.start + numbers[3] * 3600 + numbers[4] * 60 + numbers[5]
    }

    /// With the time only if it isn't the beginning of the day.
    package var text: String {
        let date = CalendarDate(atSeconds: seconds)
        let day = "\(date.year)-\(Self.twoDigits(date.month))-\(Self.twoDigits(date.day))"
        let time = seconds - date.start
        guard time > 0 else { return day }
        return "\(day)T" + [time / 3600, time / 60 % 60, time % 60].map(Self.twoDigits).joined(separator: ":") + "Z"
    }

    private static func twoDigits(_ number: Int64) -> String { (number < 10 ? "0" : "") + "\(number)" }
}
