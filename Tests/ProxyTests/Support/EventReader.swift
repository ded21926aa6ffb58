import JSONBytes

/// Reads events as the HTML standard and the SDKs do. Independent of the code that it tests, and slow.
struct EventReader {
    struct Event: Equatable {
        var name = ""
        var data = ""
    }

    private(set) var events: [Event] = []

    init(_ bytes: [UInt8]) {
        var event = Event()
        var lines: [String] = []
        for line in Self.lines(of: bytes).map({ String(decoding: $0, as: UTF8.self) }) {
            if line.isEmpty {
                event.data = lines.joined(separator: "\n")
                if !lines.isEmpty { events.append(event) }
                (event, lines) = (Event(), [])
            } else if !line.hasPrefix(":") {
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let value = parts.count > 1 ? String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1]) : ""
                if parts[0] == "data" { lines.append(value) }
                if parts[0] == "event" { event.name = value }
            }
        }
    }

    /// Only complete lines.
    private static func lines(of bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A, index > 0, bytes[index - 1] == 0x0D { continue }
            if byte == 0x0A || byte == 0x0D {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        return lines
    }

    /// The errors that OpenAI's Python SDK would raise, with those members that are strings.
    var errors: [[String: String]] {
        events.compactMap { event in
            var members: [String: String]?
            var reader = JSONReader(Array(event.data.utf8))
            try? reader.readObject { key, reader throws(JSONError) in
                guard key == "error", try reader.peekKind() != .null else { return try _ = reader.skipValue() }
                var found: [String: String] = [:]
                try reader.readObject { key, reader throws(JSONError) in
                    let isText = try reader.peekKind() == .string
                    if isText { found[key.text] = try reader.readString() } else { try reader.skipValue() }
                }
                members = found
            }
            return members
        }
    }
}
