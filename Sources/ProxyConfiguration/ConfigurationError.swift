/// Why a table can't be used: one sentence that names the place and what to do.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let file: String
    /// From 1; nil if the whole file is meant.
    package let line: Int?
    package let message: String

    package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(message)" }
}
