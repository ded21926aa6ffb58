/// Parses the date format of HTTP header fields (RFC 9110, 5.6.7), in all three forms:
///
///     Sun, 06 Nov 1994 08:49:37 GMT     the one that is written today
///     Sunday, 06-Nov-94 08:49:37 GMT    RFC 850
///     Sun Nov  6 08:49:37 1994          C's asctime
///
/// FoundationEssentials has no parser for it in Swift 6.3.
package enum HTTPDate {
    /// - Returns: the seconds since 1970; nil if the text is not a date.
    package static func seconds(_ text: String) -> Int64? {
        let words = text.split { $0 == " " || $0 == "-" || $0 == "," }.dropFirst()
        switch words.count {
        case 5 where words.last == "GMT":
            return seconds(day: words[1], month: words[2], year: words[3], time: words[4])
        case 4: return seconds(day: words[2], month: words[1], year: words[4], time: words[3])
        default: return nil
        }
    }

    private static func seconds(day: Substring, month: Substring, year: Substring, time: Substring) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { number($0) }
        guard let day = number(day), (1...31).contains(day), let month = months.firstIndex(of: month),
            let year = fullYear(year), clock.count == 3, let hour = clock[0], let minute = clock[1],
            let second = clock[2], hour < 24, minute < 60, second <= 60
        else { return nil }
        let date = CalendarDate(year: year, month: Int64(month) + 1, day: day)
        return date.start + hour * 3600 + minute * 60 + second
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Two digits mean a year from 1970 to 2069, since no response refers to an earlier time.
    private static func fullYear(_ text: Substring) -> Int64? {
        guard let year = number(text) else { return nil }
        switch text.utf8.count {
        case 2: return year < 70 ? 2000 + year : 1900 + year
        case 4: return year
        default: return nil
        }
    }

    /// At most four digits.
    private static func number(_ text: Substring) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
