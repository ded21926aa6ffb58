import Transport

/// Waits for the beginning of a body to tell what it is, before anything is sent to the caller.
enum FirstBytes {
    /// What decides stands before that, behind the white space with which a body begins. In bytes.
    private static let longestLook = 4 * 1024
    /// So much white space is waited out: some providers send empty lines until they have an answer. The pipe must have
    /// room for it and what decides, or both sides would wait for each other.
    private static let mostBlanks = 32 * 1024
    private static let startOfError = 64

    /// Waits until `tell` knows. The body stays as it is.
    /// - Parameter tell: gets the beginning, and where its white space ends; gives nil as long as it needs more.
    /// - Returns: nil if the body, or the beginning that is looked at, doesn't tell.
    static func look<Result>(
        at body: BodyPipe, server: String, _ tell: (UnsafeRawBufferPointer, _ start: Int) -> Result?
    ) async throws(ProxyError) -> Result? {
        // White space is looked at once, however it comes.
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
                throw .upstreamFailed(server: server, TransportError(.canceled, "nobody wanted the answer"))
            }
            await body.readable(beyond: body.count)
        }
    }

    /// Waits for the beginning of a body, or for all of a shorter one, which stays as it is.
    /// - Parameter isFree: the body may be anything, and come slowly: only as much is waited for as an error begins
    ///   with.
    static func wait(for body: BodyPipe, server: String, isFree: Bool) async throws(ProxyError) -> [UInt8] {
        var start = 0
        _ = try await look(at: body, server: server) { bytes, content in
            start = content
            return isFree && bytes.count >= startOfError ? true : nil
        }
        // What has broken off before anything was passed on is better asked for again.
        if case .failed(let error) = body.end { throw .upstreamFailed(server: server, error) }
        return body.withBuffered { Array($0.prefix(longestLook(from: start))) }
    }

    /// - Parameter start: where the white space ends.
    private static func longestLook(from start: Int) -> Int { min(start, mostBlanks) + longestLook }
}

/// What a body is, judged by how it begins, whatever its `Content-Type` says.
enum BodyStart: Equatable {
    /// Server-sent events: a field or a comment, behind a byte order mark and empty lines if there are any.
    case events
    /// A JSON object or array.
    case json
    case other

    /// With the colon, since no provider writes a field without: "data" may begin a text.
    private static let fields: [StaticString] = ["data:", "event:", "id:", "retry:", ":"]
    /// llama.cpp's, in any case. With the brace, since many a text begins with "Error:".
    private static let errorFields: [StaticString] = ["error: {", "error:{"]

    /// Nil if more bytes are needed to tell.
    /// - Parameter start: what is known to be white space ends there.
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
    /// A byte order mark in UTF-8. It is one at the very start only.
    static let mark: StaticString = "\u{FEFF}"

    /// The offset behind a byte order mark; 0 if there is none.
    fileprivate var endOfMark: Int { has(Self.mark, at: 0) ? Self.mark.utf8CodeUnitCount : 0 }

    /// The offset of the first byte behind a byte order mark and white space; the end if there is none.
    var startOfContent: Int { startOfContent(from: 0) }

    /// - Parameter start: what is known to be white space ends there.
    func startOfContent(from start: Int) -> Int { endOfBlanks(from: start > 0 ? start : endOfMark) }

    /// Whether a word in lower case stands at this offset; nil if the bytes end within it.
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
    /// Without a byte order mark, at which parsers of JSON fail.
    var withoutMark: [UInt8] {
        let end = withUnsafeBytes { $0.endOfMark }
        return end > 0 ? Array(self[end...]) : self
    }
}
