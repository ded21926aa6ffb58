import Transport

/// Behind another filter: passes what that one does, without the server's token.
struct RedactingFilter<Inner: BodyFilter>: BodyFilter {
    private var inner: Inner
    private var redactor: Redactor
    private var buffer: [UInt8] = []
    /// More than this is given back. In bytes.
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
