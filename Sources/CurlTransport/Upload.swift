import HTTPTypes
import Transport

/// Where a request's body comes from, read piece by piece by libcurl.
struct Upload {
    /// What is sent first: the whole of a body that is known, or the prefix of a streamed one. Let go once it is sent:
    /// nothing is sent twice.
    private var bytes: [UInt8]
    private var offset = 0
    let pipe: BodyPipe?

    init(_ body: TransportRequest.Body) {
        switch body {
        case .none: (bytes, pipe) = ([], nil)
        case .bytes(let whole): (bytes, pipe) = (whole, nil)
        case .stream(let prefix, let rest): (bytes, pipe) = (prefix, rest)
        }
    }

    /// What is known and what has come through the pipe meanwhile go together: each piece is a packet of its own.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyPipe.Read {
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

    /// All that has come of a streamed body is read, and there may be more.
    var awaitsMore: Bool {
        guard let pipe, offset == bytes.count else { return false }
        return pipe.count == 0 && pipe.end == nil
    }

    var trailers: HTTPFields {
        if case .partial(_, _, let trailers) = pipe?.end { return trailers }
        return [:]
    }

    /// The request will not be read further: whoever fills the pipe may stop.
    func cancel() { pipe?.cancel() }
}
