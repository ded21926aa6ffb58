import HTTPTypes
import Transport

/// Where a request's body comes from, read piece by piece by libcurl.
struct Upload {
    /// What is sent first: the whole of a body that is known, or the prefix of a streamed one.
    private let bytes: [UInt8]
    private var offset = 0
    /// What has been read from the pipe can't be read again.
    private var isPipeRead = false
    let pipe: BodyPipe?

    init(_ body: TransportRequest.Body) {
        switch body {
        case .none: (bytes, pipe) = ([], nil)
        case .bytes(let whole): (bytes, pipe) = (whole, nil)
        case .stream(let prefix, let rest): (bytes, pipe) = (prefix, rest)
        }
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> BodyPipe.Read {
        guard offset == bytes.count else { return readKnown(into: buffer) }
        guard let pipe else { return .end }
        let read = pipe.read(into: buffer)
        if case .bytes = read { isPipeRead = true }
        return read
    }

    private mutating func readKnown(into buffer: UnsafeMutableRawBufferPointer) -> BodyPipe.Read {
        let length = min(bytes.count - offset, buffer.count)
        bytes.withUnsafeBytes { buffer.copyMemory(from: .init(rebasing: $0[offset..<offset + length])) }
        offset += length
        return .bytes(length)
    }

    /// Starts again: libcurl repeats a request on a new connection when a kept one turns out to be dead.
    /// - Returns: false if the beginning is gone.
    mutating func rewind() -> Bool {
        guard !isPipeRead else { return false }
        offset = 0
        return true
    }

    var trailers: HTTPFields {
        if case .partial(_, let trailers) = pipe?.end { return trailers }
        return [:]
    }

    /// The request will not be read further: whoever fills the pipe may stop.
    func cancel() { pipe?.cancel() }
}
