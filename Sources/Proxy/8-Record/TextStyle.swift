/// How text is written for people who read it in a terminal.
package struct TextStyle: Sendable {
    /// Whether the terminal shows colours.
    package var isColored: Bool
    /// How far the local time is ahead of UTC, in seconds.
    package var utcOffset: Int64

    package init(isColored: Bool = false, utcOffset: Int64 = 0) {
        self.isColored = isColored
        self.utcOffset = utcOffset
    }

    /// ECMA-48's numbers.
    package enum Color: Int, Sendable {
        case faint = 2
        case red = 31
        case green = 32
        case yellow = 33
    }

    package func paint(_ text: String, _ color: Color?) -> String {
        guard isColored, let color else { return text }
        return "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m"
    }

    /// The time of day, such as `12:03:44`.
    /// - Parameter milliseconds: since 1970.
    func time(_ milliseconds: Int64) -> String {
        let day: Int64 = 24 * 3600
        let seconds = (((milliseconds / 1000 + utcOffset) % day) + day) % day
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: ":")
    }

    /// The text with a space in place of each scalar that a terminal interprets or doesn't show: control characters,
    /// line breaks, and those that change the direction of text.
    package static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isUnprintable) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(isUnprintable(scalar) ? " " : scalar) }
        return String(scalars)
    }

    private static func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        default: false
        }
    }
}
