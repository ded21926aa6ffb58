import Glibc

/// How a process ended, from the raw status of `waitpid`.
struct ExitStatus: Equatable, Sendable {
    var raw: Int32

    /// Fits behind "the runtime".
    var sentence: String {
        let signal = raw & 0x7f
        guard signal != 0 else { return "exited with status \((raw >> 8) & 0xff)" }
        let name = strsignal(signal).map { String(cString: $0) } ?? "unknown"
        return "was ended by signal \(signal) (\(name))"
    }
}
