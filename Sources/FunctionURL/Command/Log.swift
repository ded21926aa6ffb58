import Glibc

/// Writes lines for the developer to stderr. stdout is only for the line with the function URL.
struct Log: Sendable {
    var isVerbose = false

    /// Always shown.
    func note(_ message: String) {
        write("function-url: \(message)")
    }

    /// Shown only with `--verbose`.
    func detail(_ message: @autoclosure () -> String) {
        if isVerbose { write("function-url: \(message())") }
    }

    /// A line that the runtime wrote.
    func runtime(_ line: String, label: String?) {
        write(label.map { "[\($0)] \(line)" } ?? line)
    }

    private func write(_ line: String) {
        // One call for each line, so that the lines of several processes don't mix on one terminal.
        let bytes = Array((line + "\n").utf8)
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard written > 0 || (written < 0 && errno == EINTR) else { return }
                rest = rest.dropFirst(max(0, written))
            }
        }
    }
}
