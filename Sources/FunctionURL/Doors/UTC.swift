import FoundationEssentials

/// Calendar dates of times since 1970, in UTC.
enum UTC {
    /// `12/Mar/2020:19:03:58 +0000`
    static func accessLogTime(_ epochMilliseconds: Int) -> String {
        let parts = parts(epochMilliseconds)
        let two = { (part: Int?) in String(100 + (part ?? 0)).dropFirst() }
        let month = monthNames[(parts.month ?? 1) - 1]
        let clock = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        return "\(two(parts.day))/\(month)/\(parts.year ?? 1970):\(clock) +0000"
    }

    /// Counts the calendar months.
    static func monthNumber(_ epochMilliseconds: Int) -> Int {
        let parts = parts(epochMilliseconds)
        return (parts.year ?? 1970) * 12 + (parts.month ?? 1)
    }

    private static func parts(_ epochMilliseconds: Int) -> DateComponents {
        var utc = Calendar(identifier: .gregorian)
        utc.timeZone = .gmt
        let date = Date(timeIntervalSince1970: Double(epochMilliseconds / 1000))
        return utc.dateComponents([.day, .month, .year, .hour, .minute, .second], from: date)
    }
}

private let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
