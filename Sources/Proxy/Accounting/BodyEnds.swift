/// The beginning and the end of a JSON body: where the model and the usage stand, however long what lies between is.
struct BodyEnds {
    /// In bytes.
    static let longestHead = 8 * 1024
    /// Behind the usage may stand what the caller has sent: with the Responses API 9 KB of `metadata`, with escapes six
    /// times that. In bytes.
    static let longestTail = 64 * 1024

    private(set) var head: [UInt8] = []
    private(set) var tail: [UInt8] = []
    /// Nothing is missing between them.
    private var isWhole = true

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let first = bytes.prefix(Self.longestHead - head.count)
        head += first
        let rest = bytes[first.endIndex...]
        tail += rest.suffix(Self.longestTail)
        if rest.count > Self.longestTail || tail.count > Self.longestTail {
            isWhole = false
            tail.removeFirst(tail.count - Self.longestTail)
        }
    }

    /// What begins with the last usage object; nil if there is none.
    var usage: [UInt8]? {
        for part in isWhole ? [head + tail] : [tail, head] {
            if let usage = part.withUnsafeBytes({ text in
                text.watchedWords.usage.map { Array(text[$0...].prefix(UsageReader.longest)) }
            }) {
                return usage
            }
        }
        return nil
    }

    var model: String? { head.withUnsafeBytes { $0.servedModel } }
}
