@preconcurrency import Glibc

/// The variables that the process was started with.
enum ProcessEnvironment {
    /// Read once, at the start, before there is another thread. Of a variable that is there twice the first counts.
    static func read() -> [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, variables[String(parts[0])] == nil { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }
}
