package import HTTPTypes
package import Transport

/// A request's body, which libcurl reads piece by piece.
package struct Upload {
    /// A complete body, or the prefix of a streamed one. Freed once it is read, since nothing is sent twice.
    private var bytes: [UInt8]
    private var offset = 0
    package let pipe: BodyPipe?

    package init(_ body: TransportRequest.Body) {
        switch body {
        case .none: (bytes, pipe) = ([], nil)
        case .bytes(let whole): (bytes, pipe) = (whole, nil)
        case .stream(let prefix, let rest): (bytes, pipe) = (prefix, rest)
        }
    }

    /// Joins the prefix and what is in the pipe, because each piece is sent as a packet of its own.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyPipe.Read {
        let known = readKnown(into: buffer)
        guard let pipe else { return known > 0 ? .bytes(known) : .end }
        guard known < buffer.count else { return .bytes(known) }
        let read = pipe.read(into: .init(rebasing: buffer[known...]))
        guard case .bytes(let count) = read else { return known > 0 ? .bytes(known) : read }
        return .bytes(known + count)
    }

    private mutating func readKnown(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let length = min(bytes.count - offset, buffer.count)
        bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[offset..<offset + length])) }
        offset += length
        if offset == bytes.count { (bytes, offset) = ([], 0) }
        return length
    }

    /// Whether everything available of a streamed body has been read, and there may be more.
    package var awaitsMore: Bool {
        guard let pipe, offset == bytes.count else { return false }
        return pipe.count == 0 && pipe.end == nil && !pipe.isAbandoned
    }

    package var trailers: HTTPFields {
        if case .partial(_, _, let trailers) = pipe?.end { return trailers }
        return [:]
    }

    /// The body won't be read further, so the pipe's writer may stop.
    package func cancel() { pipe?.cancel() }
}
