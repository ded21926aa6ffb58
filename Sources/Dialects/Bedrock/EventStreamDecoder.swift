import JSONBytes
import Transport

/// Decodes AWS's binary event stream (`application/vnd.amazon.eventstream`), wherever the network has cut it:
/// https://smithy.io/2.0/aws/amazon-eventstream.html
struct EventStreamDecoder {
    /// The capacity that is kept for the next message. In bytes.
    private static let keptCapacity = 64 * 1024

    /// The beginning of a message whose end hasn't arrived.
    private var held: [UInt8] = []

    /// Whether the stream would be broken if it ended here.
    var isInsideMessage: Bool { !held.isEmpty }

    /// Reads the messages that end in these bytes. Those that also begin in them aren't copied.
    /// - Parameter look: is called with each of them. If it returns a result, the bytes that follow are dropped.
    mutating func receive<Result>(
        _ bytes: UnsafeRawBufferPointer, until look: (EventStreamMessage) throws(TransportError) -> Result?
    ) throws(TransportError) -> Result? {
        var rest = bytes
        while !rest.isEmpty {
            let result: Result?
            if isInsideMessage {
                rest = try hold(rest)
                result = try lookAtHeld(look)
            } else if let message = try EventStreamMessage(rest) {
                rest = UnsafeRawBufferPointer(rebasing: rest[message.length...])
                result = try look(message)
            } else {
                held += rest
                return nil
            }
            if let result { return result }
        }
        return nil
    }

    /// Completes the prelude of the held message or, if its length is known, the message.
    /// - Returns: the bytes behind it.
    private mutating func hold(_ bytes: UnsafeRawBufferPointer) throws(TransportError) -> UnsafeRawBufferPointer {
        let length = try held.withUnsafeBufferPointer { held throws(TransportError) in
            try EventStreamMessage.length(of: UnsafeRawBufferPointer(held))
        }
        let count = min((length ?? EventStreamMessage.preludeLength) - held.count, bytes.count)
        held += bytes[..<count]
        return UnsafeRawBufferPointer(rebasing: bytes[count...])
    }

    private mutating func lookAtHeld<Result>(
        _ look: (EventStreamMessage) throws(TransportError) -> Result?
    ) throws(TransportError) -> Result? {
        let (isWhole, result) = try held.withUnsafeBufferPointer { held throws(TransportError) -> (Bool, Result?) in
            guard let message = try EventStreamMessage(UnsafeRawBufferPointer(held)) else { return (false, nil) }
            return (true, try look(message))
        }
        if isWhole { held.removeAll(keepingCapacity: held.capacity <= Self.keptCapacity) }
        return result
    }
}

/// A message of an event stream, in place: it must not be used after the bytes that it was read from.
struct EventStreamMessage {
    /// The lengths of the message and of its headers, and their checksum.
    static let preludeLength = 12
    /// The prelude, and the checksum of the message.
    private static let frameLength = preludeLength + 4
    /// AWS's own limit. In bytes.
    private static let longestHeaders = 128 * 1024
    /// AWS's own limit is 24 MB. This is what an open stream may hold in memory; the messages of a chat have some
    /// hundred bytes. In bytes.
    private static let longestPayload = 4 * 1024 * 1024

    let headers: EventStreamHeaders
    let payload: UnsafeRawBufferPointer
    let length: Int

    /// - Parameter bytes: may go on behind the message.
    /// - Returns: nil if more bytes are needed.
    init?(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard let length = try Self.length(of: bytes), bytes.count >= length else { return nil }
        let checked = UnsafeRawBufferPointer(rebasing: bytes[..<(length - 4)])
        guard CRC32.checksum(checked) == bytes.bigEndian(at: length - 4) else {
            throw TransportError(.malformed, "a message of the event stream doesn't match its checksum")
        }
        let endOfHeaders = Self.preludeLength + Int(bytes.bigEndian(at: 4))
        self.length = length
        headers = try EventStreamHeaders(.init(rebasing: checked[Self.preludeLength..<endOfHeaders]))
        payload = UnsafeRawBufferPointer(rebasing: checked[endOfHeaders...])
    }

    /// The length of the message that begins here; nil if its prelude isn't complete. The checksum is verified before
    /// the lengths are used.
    static func length(of bytes: UnsafeRawBufferPointer) throws(TransportError) -> Int? {
        guard bytes.count >= preludeLength else { return nil }
        guard CRC32.checksum(.init(rebasing: bytes[..<8])) == bytes.bigEndian(at: 8) else {
            throw TransportError(.malformed, "this is no event stream, or its lengths don't match their checksum")
        }
        let (length, headers) = (Int(bytes.bigEndian(at: 0)), Int(bytes.bigEndian(at: 4)))
        let payload = length - frameLength - headers
        guard payload >= 0 else {
            throw TransportError(.malformed, "a message of the event stream is shorter than its headers")
        }
        guard headers <= longestHeaders, payload <= longestPayload else {
            throw TransportError(.malformed, "a message of the event stream has \(length) bytes")
        }
        return length
    }
}

/// The headers of a message, in place.
struct EventStreamHeaders {
    /// Bedrock sends three. Each is compared with those before it.
    private static let most = 32
    /// The type of a text.
    private static let text: UInt8 = 7

    private struct Header {
        let name: UnsafeRawBufferPointer
        let type: UInt8
        let value: UnsafeRawBufferPointer
    }

    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        self.bytes = bytes
        var (index, count) = (0, 0)
        while index < bytes.count {
            let start = index
            guard let header = Self.header(in: bytes, from: &index) else {
                throw TransportError(.malformed, "the headers of a message of the event stream can't be read")
            }
            count += 1
            guard count <= Self.most, first(before: start, where: { $0.equals(header.name) }) == nil else {
                throw TransportError(.malformed, "a message of the event stream has duplicate or too many headers")
            }
        }
    }

    /// The text with this name; nil if there is none.
    subscript(_ name: StaticString) -> UnsafeRawBufferPointer? {
        first(before: bytes.count) { $0.equals(name) }.flatMap { $0.type == Self.text ? $0.value : nil }
    }

    private func first(before end: Int, where isMeant: (_ name: UnsafeRawBufferPointer) -> Bool) -> Header? {
        var index = 0
        while index < end, let header = Self.header(in: bytes, from: &index) {
            if isMeant(header.name) { return header }
        }
        return nil
    }

    /// - Returns: nil if it isn't complete or has an unknown type.
    private static func header(in bytes: UnsafeRawBufferPointer, from index: inout Int) -> Header? {
        guard let name = bytes.read(Int(bytes[index]), from: &index, behind: 1), index < bytes.count else { return nil }
        let type = bytes[index]
        let value: UnsafeRawBufferPointer?
        switch type {
        // True and false.
        case 0, 1: value = bytes.read(0, from: &index, behind: 1)
        // Integers of 1, 2, 4 and 8 bytes.
        case 2...5: value = bytes.read(1 << Int(type - 2), from: &index, behind: 1)
        // Bytes and text, behind their length.
        case 6, text:
            guard index + 3 <= bytes.count else { return nil }
            value = bytes.read(Int(bytes[index + 1]) << 8 | Int(bytes[index + 2]), from: &index, behind: 3)
        // A time.
        case 8: value = bytes.read(8, from: &index, behind: 1)
        // A UUID.
        case 9: value = bytes.read(16, from: &index, behind: 1)
        default: return nil
        }
        return value.map { Header(name: name, type: type, value: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func bigEndian(at offset: Int) -> UInt32 {
        UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// - Parameters:
    ///   - index: moves to the end of what was read.
    ///   - skipped: how many bytes are in front of it.
    /// - Returns: nil if there are fewer bytes.
    fileprivate func read(_ length: Int, from index: inout Int, behind skipped: Int) -> UnsafeRawBufferPointer? {
        let start = index + skipped
        guard start + length <= count else { return nil }
        index = start + length
        return UnsafeRawBufferPointer(rebasing: self[start..<index])
    }

    /// Compares bytes, and mostly only the lengths.
    func equals(_ other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }

    func equals(_ text: StaticString) -> Bool { equals(UnsafeRawBufferPointer(text.utf8Bytes)) }
}
