import Transport

/// An event too large to be held, which passes as it comes. Its beginning and its end are kept, where all stands that is
/// read of it.
struct LargeEvent {
    /// The server's token is looked for in so much at once. In bytes.
    private static let slice = 64 * 1024

    /// Nil if nothing has to be taken out.
    private var redactor: Redactor?
    /// Of the event without its comments, which say nothing and may be of any length.
    private var ends = BodyEnds()
    private var isLineStart = true
    private var isComment = false

    /// - Parameter redactor: takes out what the caller must not see.
    init(_ redactor: Redactor?) { self.redactor = redactor }

    /// The event, if only its comments are large.
    var whole: [UInt8]? { ends.isWhole ? ends.head + ends.tail : nil }

    /// Whether it is more than a comment, as far as it has come.
    var hasData: Bool { ends.head.withUnsafeBytes { EventFields($0).hasData } }

    /// The event as far as its first bytes go.
    var head: [UInt8] { ends.head }

    /// The event as far as its last bytes go: they begin inside of its data, since no other field is that long.
    var tail: [UInt8] { Array("data:".utf8) + ends.tail }

    /// How its data begins and ends.
    var data: BodyEnds {
        BodyEnds(
            head: head.withUnsafeBytes { EventFields($0).data }, tail: tail.withUnsafeBytes { EventFields($0).data })
    }

    /// Notes the next bytes, all of which belong to it.
    mutating func note(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count {
            if isLineStart { isComment = bytes[index] == UInt8(ascii: ":") }
            let end = bytes.lineEnd(from: index)
            let next = min(end + 1, bytes.count)
            if !isComment { ends.append(.init(rebasing: bytes[index..<next])) }
            isLineStart = end < bytes.count
            index = next
        }
    }

    mutating func pass(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard redactor != nil else { return output.append(contentsOf: bytes) }
        var rest = bytes
        while !rest.isEmpty {
            redactor?.receive(.init(rebasing: rest.prefix(Self.slice)), into: &output)
            rest = .init(rebasing: rest.dropFirst(Self.slice))
        }
    }

    /// It has ended: passes what might have been the beginning of a token.
    mutating func finish(into output: inout [UInt8]) { redactor?.finish(into: &output) }
}

extension BodyEnds {
    /// The last members of the object, from one of this name on, as an object of their own; nil if that isn't the last of
    /// this name, or belongs to an object inside of it: then something is left behind it.
    func lastMembers(from name: StaticString) -> [UInt8]? {
        tail.withUnsafeBytes { text in
            var last: Int?
            while let place = text.offset(of: name, from: last.map { $0 + 1 } ?? 0) { last = place }
            return last.map { [UInt8(ascii: "{")] + text[$0...] }
        }
    }
}
