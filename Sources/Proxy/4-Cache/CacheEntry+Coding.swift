import Compression
import Digests
import HTTPTypes

/// The form in which an entry is stored outside of this process's memory: a magic, a version, the SHA-256 digest of
/// everything after it, and then the key and the members. Numbers are little-endian, and text has its length before it.
/// The body is compressed if that makes it shorter.
extension CacheEntry {
    /// The last byte is the version of the format.
    private static let head = Array("LOPC\u{1}".utf8)
    /// Larger numbers are damage. Sums of such numbers don't overflow.
    private static let largest = Int64(1) << 50

    func encoded(for key: CacheKey) -> [UInt8] {
        var writer = EntryWriter()
        writer.bytes += key.bytes
        writer.write(created)
        writer.write(isThere: usage != nil)
        if let usage {
            for count in [usage.input, usage.output, usage.cachedInput] { writer.write(Int64(count)) }
            writer.write(isThere: usage.isEstimate)
        }
        for name in [model, answeredModel] {
            writer.write(isThere: name != nil)
            if let name { writer.write(text: Array(name.utf8)) }
        }
        writer.write(UInt32(fields.count))
        for field in fields {
            writer.write(text: Array(field.name.rawName.utf8))
            writer.write(text: Array(field.value.utf8))
        }
        writer.write(UInt32(pieces.count))
        for piece in pieces {
            writer.write(UInt32(clamping: piece.length))
            writer.write(UInt32(clamping: piece.wait))
        }
        let compressed = Deflate.compress(body)
        let isShorter = compressed.count < body.count
        writer.write(UInt32(clamping: body.count))
        writer.write(isThere: isShorter)
        writer.write(text: isShorter ? compressed : body)
        return Self.head + SHA256.digest(of: writer.bytes) + writer.bytes
    }

    /// - Parameter limit: how long the body may be, in bytes.
    /// - Returns: nil if the bytes aren't an entry of this key and this version, or if anything is wrong with them.
    init?(decoding bytes: [UInt8], for key: CacheKey, upTo limit: Int) {
        let start = Self.head.count + SHA256.length
        guard bytes.count >= start, bytes.starts(with: Self.head) else { return nil }
        let content = Array(bytes[start...])
        guard SHA256.digest(of: content)[...] == bytes[Self.head.count..<start] else { return nil }
        var reader = EntryReader(rest: content[...])
        do throws(EntryReader.Damage) {
            guard try reader.take(SHA256.length) == key.bytes[...] else { return nil }
            try self.init(&reader, upTo: limit)
        } catch {
            return nil
        }
        guard reader.rest.isEmpty else { return nil }
    }

    private init(_ reader: inout EntryReader, upTo limit: Int) throws(EntryReader.Damage) {
        created = try reader.number(upTo: Self.largest)
        usage = try reader.isThere() ? Self.usage(&reader) : nil
        model = try reader.isThere() ? reader.string() : nil
        answeredModel = try reader.isThere() ? reader.string() : nil
        fields = try Self.fields(&reader)
        pieces = try Self.pieces(&reader)
        body = try Self.body(&reader, upTo: limit)
        guard pieces.reduce(0, { $0 + $1.length }) == body.count else { throw .init() }
    }

    private static func usage(_ reader: inout EntryReader) throws(EntryReader.Damage) -> TokenUsage {
        let input = Int(try reader.number(upTo: largest))
        let output = Int(try reader.number(upTo: largest))
        let cached = Int(try reader.number(upTo: largest))
        return TokenUsage(input: input, output: output, cachedInput: cached, isEstimate: try reader.isThere())
    }

    private static func fields(_ reader: inout EntryReader) throws(EntryReader.Damage) -> HTTPFields {
        let count = try reader.integer(UInt32.self)
        // `HTTPFields` doesn't take more, and a field takes at least the bytes of two lengths.
        guard count < UInt16.max, Int(count) <= reader.rest.count / 8 else { throw .init() }
        var fields = HTTPFields()
        for _ in 0..<count {
            let (name, value) = (try reader.string(), try reader.string())
            guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else { throw .init() }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private static func pieces(_ reader: inout EntryReader) throws(EntryReader.Damage) -> [Piece] {
        let count = Int(try reader.integer(UInt32.self))
        guard count <= reader.rest.count / 8 else { throw .init() }
        var pieces: [Piece] = []
        pieces.reserveCapacity(count)
        for _ in 0..<count {
            let (length, wait) = (try reader.integer(UInt32.self), try reader.integer(UInt32.self))
            pieces.append(Piece(length: Int(length), wait: Int(wait)))
        }
        return pieces
    }

    private static func body(_ reader: inout EntryReader, upTo limit: Int) throws(EntryReader.Damage) -> [UInt8] {
        let length = Int(try reader.integer(UInt32.self))
        let isCompressed = try reader.isThere()
        let stored = Array(try reader.text())
        guard length <= limit else { throw .init() }
        let body = isCompressed ? Deflate.decompress(stored, upTo: length) : stored
        guard let body, body.count == length else { throw .init() }
        return body
    }
}

private struct EntryWriter {
    var bytes: [UInt8] = []

    mutating func write(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }

    mutating func write(isThere: Bool) { bytes.append(isThere ? 1 : 0) }

    mutating func write(text: [UInt8]) {
        write(UInt32(clamping: text.count))
        bytes += text
    }
}

private struct EntryReader {
    struct Damage: Error {}

    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) throws(Damage) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw Damage() }
        defer { rest.removeFirst(count) }
        return rest.prefix(count)
    }

    mutating func integer<Number: FixedWidthInteger>(_: Number.Type) throws(Damage) -> Number {
        try take(Number.bitWidth / 8).reversed().reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    mutating func number(upTo largest: Int64) throws(Damage) -> Int64 {
        let number = try integer(Int64.self)
        guard (0...largest).contains(number) else { throw Damage() }
        return number
    }

    mutating func isThere() throws(Damage) -> Bool {
        let byte = try integer(UInt8.self)
        guard byte <= 1 else { throw Damage() }
        return byte == 1
    }

    mutating func text() throws(Damage) -> ArraySlice<UInt8> { try take(Int(try integer(UInt32.self))) }

    mutating func string() throws(Damage) -> String {
        guard let string = String(validating: try text(), as: UTF8.self) else { throw Damage() }
        return string
    }
}
