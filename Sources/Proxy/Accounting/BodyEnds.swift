/// The beginning and the end of a JSON body: where the model and the usage stand, however long what lies between is.
struct BodyEnds {
    /// Of the beginning. In bytes.
    static let longest = 8 * 1024
    /// Of the end: OpenAI's responses have the caller's metadata behind the usage, 16 keys of 64 and values of 512
    /// characters, of which JSON may make twelve bytes each. In bytes.
    static let longestTail = 128 * 1024

    private(set) var head: [UInt8] = []
    private(set) var tail: [UInt8] = []
    /// Nothing is missing between them.
    private(set) var isWhole = true

    init() {}

    /// Of a body of which something is missing between these.
    init(head: [UInt8], tail: [UInt8]) {
        self.head = head
        self.tail = tail
        isWhole = false
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        let first = bytes.prefix(Self.longest - head.count)
        head += UnsafeRawBufferPointer(rebasing: first)
        let rest = bytes[first.endIndex...]
        tail += UnsafeRawBufferPointer(rebasing: rest.suffix(Self.longestTail))
        if rest.count > Self.longestTail { isWhole = false }
        // Rarely, so that many small pieces don't move it each time.
        if tail.count > 2 * Self.longestTail {
            isWhole = false
            tail.removeFirst(tail.count - Self.longestTail)
        }
    }

    /// What it says of itself. Of a long body, of which the middle is missing, the usage is the last object that is called
    /// so.
    var summary: (usage: TokenUsage?, model: String?) {
        if isWhole {
            let members = ResponseMembers(tail.isEmpty ? head : head + tail)
            return (members.usage, members.model)
        }
        let members = ResponseMembers(head)
        let usage = tail.withUnsafeBytes { text in
            text.watchedWords.usage.flatMap { UsageReader.usage(in: Array(text[$0...].prefix(UsageReader.longest))) }
        }
        return (usage ?? members.usage, members.model)
    }
}
