import Glibc

/// The file that holds the table: its path and its text.
package struct ConfigurationFile {
    package let path: String
    package let text: [UInt8]

    /// In bytes. No table is that long; the limit keeps a wrong path (a device, a log) from filling the memory.
    private static let limit = 1024 * 1024

    /// `$OPENAI_SERVERS_FILE`, else the function's folder, else the working folder.
    package init(in environment: [String: String]) throws(ConfigurationError) {
        let name = "openai_servers.yaml"
        if let file = environment["OPENAI_SERVERS_FILE"], !file.isEmpty {
            path = file
        } else if let root = environment["LAMBDA_TASK_ROOT"], access("\(root)/\(name)", F_OK) == 0 {
            path = "\(root)/\(name)"
        } else {
            path = name
        }
        text = try Self.read(path, advice: "; set OPENAI_SERVERS_FILE to its path")
    }

    package init(at path: String) throws(ConfigurationError) {
        self.path = path
        text = try Self.read(path)
    }

    private static func read(_ path: String, advice: String = "") throws(ConfigurationError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw unreadable(path, "can't be opened (\(reason()))\(advice)")
        }
        defer { close(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw unreadable(path, "can't be read (\(reason()))") }
            guard count > 0 else { return text }
            text += buffer[..<count]
            guard text.count <= limit else {
                throw unreadable(path, "is larger than \(limit) bytes: not a table of servers")
            }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func unreadable(_ path: String, _ message: String) -> ConfigurationError {
        ConfigurationError(file: path, line: nil, message: message)
    }
}

/// Why a table can't be used: one sentence that names the place and what to do.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; nil if the error is about the whole file.
    package let line: Int?
    package let message: String

    package var description: String { "\(file):\(line.map { "\($0):" } ?? "") \(message)" }
}
