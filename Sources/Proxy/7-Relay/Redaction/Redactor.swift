import Transport

/// Replaces a server's token in what the server sends, however the token is escaped and wherever the text is cut into
/// pieces. The time it takes is proportional to the length of the text.
///
///     receive ──▶ receive ──▶ … ──▶ finish
struct Redactor: Sendable {
    static let mark = Array("[redacted]".utf8)

    private let pattern: SecretPattern
    private var unescaper = Unescaper()
    private var units: [TextUnit] = []
    /// How many bytes of the token have matched.
    private var matched = 0
    /// A ring of the offsets of the last units, as many as the token has bytes.
    private var starts: [Int]
    private var unitCount = 0
    /// The end of the last unit.
    private var lastEnd = 0
    /// What has arrived and may still turn out to be part of the token. It begins in the text at `base`; up to
    /// `passed`, the text has been passed on or replaced.
    private var pending: [UInt8] = []
    private var base = 0
    private var passed = 0

    /// Nil if there is no token to hide.
    init?(_ token: Secret?) {
        guard let pattern = SecretPattern(token) else { return nil }
        self.pattern = pattern
        starts = Array(repeating: 0, count: pattern.bytes.count)
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var index = 0
        if pending.isEmpty {
            index = pattern.nextPlace(in: bytes, from: 0)
            guard index < bytes.count else { return skip(bytes, into: &output) }
        }
        let start = base + pending.count
        pending.append(contentsOf: bytes)
        while index < bytes.count {
            if matched == 0, unescaper.start == nil {
                index = pattern.nextPlace(in: bytes, from: index)
                guard index < bytes.count else { break }
            }
            let offset = start + index
            unescaper.receive(TextUnit(byte: bytes[index], start: offset, end: offset + 1), into: &units)
            match(into: &output)
            index += 1
        }
        let candidate = matched > 0 ? startOfMatch : .max
        pass(upTo: min(candidate, unescaper.start ?? .max, base + pending.count), into: &output)
        pending.removeFirst(passed - base)
        base = passed
    }

    /// Passes bytes on that contain no part of the token, when nothing is pending. This is the common case.
    private mutating func skip(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        output.append(contentsOf: bytes)
        base += bytes.count
        passed = base
    }

    /// The text has ended, so the token may have been cut off.
    mutating func finish(into output: inout [UInt8]) {
        unescaper.finish(into: &units)
        match(into: &output)
        if matched >= pattern.least { replaceMatch(upTo: lastEnd, into: &output) }
        pass(upTo: base + pending.count, into: &output)
        pending = []
        (base, matched) = (passed, 0)
    }

    private var startOfMatch: Int { starts[(unitCount - matched) % starts.count] }

    private mutating func match(into output: inout [UInt8]) {
        for unit in units {
            while matched > 0, pattern.bytes[matched] != unit.byte {
                if matched >= pattern.least {
                    replaceMatch(upTo: lastEnd, into: &output)
                } else {
                    matched = pattern.fallback[matched - 1]
                }
            }
            if pattern.bytes[matched] == unit.byte { matched += 1 }
            starts[unitCount % starts.count] = unit.start
            unitCount += 1
            lastEnd = unit.end
            if matched == pattern.bytes.count { replaceMatch(upTo: lastEnd, into: &output) }
        }
        units.removeAll(keepingCapacity: true)
    }

    private mutating func replaceMatch(upTo end: Int, into output: inout [UInt8]) {
        pass(upTo: startOfMatch, into: &output)
        output += Self.mark
        passed = max(passed, end)
        matched = 0
    }

    private mutating func pass(upTo end: Int, into output: inout [UInt8]) {
        guard end > passed else { return }
        output += pending[passed - base..<end - base]
        passed = end
    }
}

// MARK: - Whole texts

extension Redactor {
    func redacted(_ text: [UInt8]) -> [UInt8] {
        guard text.withUnsafeBytes({ mayOccur(in: $0) }) else { return text }
        var redactor = self
        var output: [UInt8] = []
        text.withUnsafeBytes { redactor.receive($0, into: &output) }
        redactor.finish(into: &output)
        return output
    }

    func redacted(_ text: String) -> String {
        var text = text
        guard text.withUTF8({ mayOccur(in: UnsafeRawBufferPointer($0)) }) else { return text }
        return String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
    }

    private func mayOccur(in text: UnsafeRawBufferPointer) -> Bool {
        text.count >= pattern.least && pattern.nextPlace(in: text, from: 0) < text.count
    }
}

extension UpstreamServer {
    /// The text without the server's token.
    func redacted(_ text: [UInt8]) -> [UInt8] { redactor?.redacted(text) ?? text }
    func redacted(_ text: String) -> String { redactor?.redacted(text) ?? text }
}

/// Removes the server's token from what another filter passes on.
struct RedactingFilter<Inner: BodyFilter>: BodyFilter {
    private var inner: Inner
    private var redactor: Redactor
    private var buffer: [UInt8] = []
    /// A buffer with a larger capacity isn't kept. In bytes.
    private static var keptCapacity: Int { 64 * 1024 }

    init(_ inner: Inner, _ redactor: Redactor) {
        self.inner = inner
        self.redactor = redactor
    }

    mutating func receive(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) -> BodyPipe.End? {
        let end = inner.receive(bytes, into: &buffer)
        redact(into: &output)
        if end != nil { redactor.finish(into: &output) }
        return end
    }

    mutating func end(_ error: TransportError?, into output: inout [UInt8]) -> BodyPipe.End {
        let end = inner.end(error, into: &buffer)
        redact(into: &output)
        redactor.finish(into: &output)
        return end
    }

    mutating func fillSilence(into output: inout [UInt8]) {
        inner.fillSilence(into: &buffer)
        redact(into: &output)
    }

    private mutating func redact(into output: inout [UInt8]) {
        buffer.withUnsafeBytes { redactor.receive($0, into: &output) }
        buffer.removeAll(keepingCapacity: buffer.capacity <= Self.keptCapacity)
    }
}
