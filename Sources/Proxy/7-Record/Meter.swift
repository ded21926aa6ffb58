/// Measures a response while it passes: its size, its usage, and its model.
///
/// `@unchecked Sendable`: used on the loop only.
final class Meter: @unchecked Sendable {
    /// How many events are kept to find the model. Azure's first event doesn't name it.
    private static let keptEvents = 2
    /// Of such an event. In bytes.
    private static let longestKept = 4 * 1024
    /// Of pictures, sounds and files, decoded.
    private static let fileBytesPerToken = 512

    let requestBytes: Int
    /// Those of the request that are base64 of pictures, sounds and files.
    private let binaryBytes: Int
    private let now: @Sendable () -> Int64

    /// When the first of the answer came, in milliseconds since 1970.
    private(set) var firstOutput: Int64?
    /// How much came, in bytes.
    private(set) var responseBytes = 0
    /// How many events of a stream had data; of streams that pass unread none are counted.
    private(set) var events = 0

    /// Its last event says that the provider has failed.
    private(set) var hasFailed = false

    /// How the last error of a provider speaks of the option by which it is asked for a stream's usage.
    private(set) var usageRefusal: UsageRefusal?

    /// What the last error of a provider says of its model's work; nil if it says nothing.
    private(set) var workInError: ModelWork.Sign?

    /// What the last error of a provider says that the request took.
    private(set) var usageInError: TokenUsage?

    /// As the events of a stream have told it.
    private var counted: TokenUsage?
    /// The data of the first events, which are read only if somebody wants to know the model.
    private var firstEvents: [[UInt8]] = []
    /// Of an answer that is no stream.
    private var text: BodyEnds?
    /// What it says of itself, once somebody has asked.
    private var summary: (usage: TokenUsage?, model: String?)?

    /// - Parameters:
    ///   - requestBytes: how long the request's body is.
    ///   - binaryBytes: how much of that is base64 of pictures, sounds and files.
    ///   - now: the time in milliseconds since 1970.
    init(requestBytes: Int, binaryBytes: Int = 0, now: @escaping @Sendable () -> Int64) {
        self.requestBytes = requestBytes
        self.binaryBytes = binaryBytes
        self.now = now
    }

    /// As the provider has counted it; nil if it hasn't, or hasn't yet.
    var usage: TokenUsage? { textSummary?.usage ?? counted }

    /// The model that the provider says has answered, of at most 200 characters.
    var model: String? { textSummary?.model ?? modelOfEvents }

    private var modelOfEvents: String? {
        for event in firstEvents {
            if let model = ResponseMembers(event, endsWithModel: true).model { return model }
        }
        return nil
    }

    /// Read once: the counters want the usage, and the record the model.
    private var textSummary: (usage: TokenUsage?, model: String?)? {
        if summary == nil { summary = text?.summary }
        return summary
    }

    /// For answers whose usage nobody knows: a token is about four bytes, and an event of a stream has about one.
    /// Pictures and sounds cost much less: docs/decisions/0022.
    var estimate: TokenUsage {
        let isStream = events > 0 || firstOutput == nil
        let output = isStream ? events : responseBytes / 4
        let file = binaryBytes / 4 * 3
        let input = (requestBytes - binaryBytes) / 4 + file / Self.fileBytesPerToken
        return TokenUsage(input: input, output: output, cachedInput: 0, isEstimate: true)
    }
}

// MARK: - Noting

extension Meter {
    func noteBytes(_ count: Int) { responseBytes += count }

    func noteFailure() { hasFailed = true }

    /// A server has answered: what the one before it said in an error is past.
    func noteAttempt() { (workInError, usageInError) = (nil, nil) }

    /// What a provider has answered in place of an answer.
    func noteError(_ body: [UInt8]) {
        usageRefusal = UsageRefusal(body)
        guard body.withUnsafeBytes({ ModelWork.isTold(in: $0) }) else { return }
        workInError = .begun
        usageInError = ResponseMembers(ofError: body).usage
    }

    /// What it says, if its status was one of success. Behind a part of the answer, or a usage, it changes nothing.
    func noteError(_ error: ReportedError) {
        guard workInError == nil, firstOutput == nil, usage == nil else { return }
        if ModelWork.isRefusal(error) { workInError = .refused }
    }

    func noteOutput() { if firstOutput == nil { firstOutput = now() } }

    /// A part of the answer.
    func noteEvent(_ fields: EventFields) {
        noteOutput()
        events += 1
        if events <= Self.keptEvents { firstEvents.append(Array(fields.data.prefix(Self.longestKept))) }
    }

    /// The last one counts, but for what only earlier ones say: some providers write zeros into the events that follow.
    func noteUsage(_ usage: TokenUsage) {
        if counted == nil { counted = usage } else { counted?.update(with: usage) }
    }

    /// The next bytes of a JSON answer.
    func noteText(_ bytes: UnsafeRawBufferPointer) {
        if text == nil { text = BodyEnds() }
        text?.append(bytes)
        summary = nil
    }
}

/// The beginning and the end of a JSON body, which contain the model and the usage, however long the body is.
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

    /// What it says of itself. Of a long body, of which the middle is missing, the usage is the last object that is
    /// called so.
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
