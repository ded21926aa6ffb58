import Transport

/// Waits for the beginning of a body, to determine what it is before anything is sent to the caller.
enum FirstBytes {
    /// How much is examined after leading white space. In bytes.
    private static let longestLook = 4 * 1024
    /// How much leading white space is skipped: some providers send empty lines until they have a response. The pipe
    /// must have room for it and for what is examined, or both sides would wait for each other.
    private static let mostBlanks = 32 * 1024
    private static let startOfError = 64

    /// Waits until `tell` returns a result. The body isn't changed.
    /// - Parameter tell: gets the beginning and the offset at which its white space ends; returns nil while it needs
    ///   more.
    /// - Returns: nil if neither the examined beginning nor a shorter body led to a result.
    static func look<Result>(
        at body: BodyPipe, server: String, _ tell: (UnsafeRawBufferPointer, _ start: Int) -> Result?
    ) async throws(ProxyError) -> Result? {
        // White space is scanned only once, even if it arrives in pieces.
        var start = 0
        while true {
            let result = body.withBuffered { bytes in
                start = bytes.startOfContent(from: start)
                return tell(.init(rebasing: bytes.prefix(longestLook(from: start))), start)
            }
            if let result { return result }
            if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
            guard body.end == nil, body.count < longestLook(from: start), !body.isFull else { return nil }
            guard !body.isCanceled else {
                throw .upstreamFailed(server: server, TransportError(.canceled, "nobody waits for the response"))
            }
            await body.readable(beyond: body.count)
        }
    }

    /// Waits for the beginning of a body, or for all of a shorter one. The body isn't changed.
    /// - Parameter isFree: whether the body may be anything and arrive slowly, so that it waits only for as much as it
    ///   takes to recognize an error.
    static func wait(for body: BodyPipe, server: String, isFree: Bool) async throws(ProxyError) -> [UInt8] {
        var start = 0
        _ = try await look(at: body, server: server) { bytes, content in
            start = content
            return isFree && bytes.count >= startOfError ? true : nil
        }
        // A body that breaks off before any of it was passed on can still be requested again.
        if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
        return body.withBuffered { Array($0.prefix(longestLook(from: start))) }
    }

    /// - Parameter start: where the white space ends.
    private static func longestLook(from start: Int) -> Int { min(start, mostBlanks) + longestLook }
}

/// What a body is, judged by its beginning and not by its `Content-Type`.
enum BodyStart: Equatable {
    /// Server-sent events: a field or a comment, perhaps after a byte order mark and empty lines.
    case events
    /// A JSON object or array.
    case json
    case other

    /// With the colon, which all providers write. Without it, "data" could begin a text.
    private static let fields: [StaticString] = ["data:", "event:", "id:", "retry:", ":"]
    /// The field of llama.cpp, in any case. With the brace, since many texts begin with "Error:".
    private static let errorFields: [StaticString] = ["error: {", "error:{"]

    /// Nil if more bytes are needed to tell.
    /// - Parameter start: the end of what is known to be white space.
    init?(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) {
        let index = bytes.startOfContent(from: start)
        guard index < bytes.count, index > 0 || bytes.begins(with: UnsafeRawBufferPointer.mark, at: 0) != nil else {
            return nil
        }
        let isLineStart = index == bytes.endOfMark || bytes[index - 1] == 0x0A || bytes[index - 1] == 0x0D
        if bytes[index] == UInt8(ascii: "{") || bytes[index] == UInt8(ascii: "[") {
            self = .json
            return
        }
        let isField =
            Self.fields.map { bytes.begins(with: $0, at: index) }
            + Self.errorFields.map { bytes.begins(with: $0, at: index, ignoringCase: true) }
        if isLineStart, isField.contains(true) {
            self = .events
        } else if isLineStart, isField.contains(nil) {
            return nil
        } else {
            self = .other
        }
    }
}

extension UnsafeRawBufferPointer {
    /// A UTF-8 byte order mark, which has that meaning only at the very start.
    static let mark: StaticString = "\u{FEFF}"

    /// The offset after a byte order mark; 0 if there is none.
    fileprivate var endOfMark: Int { has(Self.mark, at: 0) ? Self.mark.utf8CodeUnitCount : 0 }

    /// The offset of the first byte after a byte order mark and white space; the end if there is none.
    var startOfContent: Int { startOfContent(from: 0) }

    /// - Parameter start: the end of what is known to be white space.
    func startOfContent(from start: Int) -> Int { endOfBlanks(from: start > 0 ? start : endOfMark) }

    /// Whether a lower-case word begins at this offset; nil if the bytes end inside it.
    fileprivate func begins(with word: StaticString, at start: Int, ignoringCase: Bool = false) -> Bool? {
        for index in 0..<word.utf8CodeUnitCount {
            guard start + index < count else { return nil }
            let (byte, letter) = (self[start + index], word.utf8Start[index])
            guard byte == letter || ignoringCase && UInt8.isSameLetter(byte, letter) else { return false }
        }
        return true
    }
}

extension [UInt8] {
    /// Without a byte order mark, which JSON parsers reject.
    var withoutMark: [UInt8] {
        let end = withUnsafeBytes { $0.endOfMark }
        return end > 0 ? Array(self[end...]) : self
    }
}
