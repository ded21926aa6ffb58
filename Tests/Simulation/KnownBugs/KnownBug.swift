import Glibc

/// The known bug that this process has: its number is the value of `KNOWN_BUG` in the environment. Without the
/// variable, it has none.
///
/// scripts/build-known-bugs adds this file to a copy of the sources.
package enum KnownBug {
    private static let number = getenv("KNOWN_BUG").flatMap { Int(String(cString: $0)) }

    package static func isOn(_ bug: Int) -> Bool { number == bug }
}
