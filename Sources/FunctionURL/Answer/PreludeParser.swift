import FoundationEssentials

/// Finds the prelude at the start of a streamed answer: JSON, eight NULs, then the body.
struct PreludeParser {
    enum Step: Equatable {
        case needMore
        /// The prelude, and the body bytes that came in the same piece.
        case prelude(Prelude, rest: [UInt8])
    }

    /// AWS looks for the NULs only in the first bytes; 16 KB is what runtime authors report, not documentation.
    static let limit = 16 * 1024

    private static let separatorLength = 8
    private var buffer: [UInt8] = []
    private var nulRun = 0

    mutating func receive(_ bytes: [UInt8]) throws(Failure) -> Step {
        let length = lengthUpToBody(bytes)
        buffer += bytes[..<(length ?? bytes.count)]
        guard buffer.count <= Self.limit else {
            throw .malformedAnswer("the prelude does not end (with 8 NUL bytes) within \(Self.limit) bytes")
        }
        guard let length else { return .needMore }
        do {
            let document = Data(buffer.dropLast(Self.separatorLength))
            return .prelude(try JSONDecoder().decode(Prelude.self, from: document), rest: [UInt8](bytes[length...]))
        } catch {
            throw .malformedAnswer("the prelude is not the JSON {\"statusCode\", \"headers\", \"cookies\"}")
        }
    }

    /// How many of these bytes belong to the prelude and its separator, if the separator ends among them.
    private mutating func lengthUpToBody(_ bytes: [UInt8]) -> Int? {
        for (index, byte) in bytes.enumerated() {
            nulRun = byte == 0 ? nulRun + 1 : 0
            if nulRun == Self.separatorLength { return index + 1 }
        }
        return nil
    }
}
