import Glibc

/// Lines for the developer, on stderr; stdout belongs to the one line that says where the function URL is.
struct Log: Sendable {
    var isVerbose = false

    /// Something that the developer should see.
    func note(_ message: String) {
        write("function-url: \(message)")
    }

    /// Something that only who asked for it wants to see.
    func detail(_ message: @autoclosure () -> String) {
        if isVerbose { write("function-url: \(message())") }
    }

    /// A line that the runtime wrote.
    func runtime(_ line: String, label: String?) {
        write(label.map { "[\($0)] \(line)" } ?? line)
    }

    private func write(_ line: String) {
        // One call for one line, so that lines of several processes on one terminal don't mix.
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
