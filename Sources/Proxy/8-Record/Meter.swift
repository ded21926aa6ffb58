/// Measures a response as it passes: its size, its usage, and its model.
///
/// `@unchecked Sendable`: used on the loop only.
final class Meter: @unchecked Sendable {
    /// How many events are kept to find the model, which Azure's first event doesn't name.
    private static let keptEvents = 2
    /// How much of such an event is kept. In bytes.
    private static let longestKept = 4 * 1024
    /// Of decoded images, audio and files.
    private static let fileBytesPerToken = 512

    let requestBytes: Int
    /// How many of them are base64 of images, audio and files.
    private let binaryBytes: Int
    private let now: @Sendable () -> Int64

    /// When the first part of the answer arrived, in milliseconds since 1970.
    private(set) var firstOutput: Int64?
    /// How much has arrived, in bytes.
    private(set) var responseBytes = 0
    /// How many events of a stream had data. Those of streams that aren't read don't count.
    private(set) var events = 0

    /// Whether the event that marks the end of a stream has arrived.
    private(set) var hasEnded = false

    /// Whether the last event says that the provider has failed.
    private(set) var hasFailed = false

    /// How the last error of a provider mentions the option that requests a stream's usage.
    private(set) var usageRefusal: UsageRefusal?

    /// What the last error of a provider says about its model's work; nil if it says nothing.
    private(set) var workInError: ModelWork.Sign?

    /// The usage that the last error of a provider reports.
    private(set) var usageInError: TokenUsage?

    /// The usage that the events of a stream have reported.
    private var counted: TokenUsage?
    /// The data of the first events, which is parsed only when the model is asked for.
    private var firstEvents: [[UInt8]] = []
    /// The ends of a response that isn't a stream.
    private var text: BodyEnds?
    /// What they say, once it has been asked for.
    private var summary: (usage: TokenUsage?, model: String?)?

    /// - Parameters:
    ///   - requestBytes: the length of the request's body.
    ///   - binaryBytes: how much of that is base64 of images, audio and files.
    ///   - now: the time in milliseconds since 1970.
    init(requestBytes: Int, binaryBytes: Int = 0, now: @escaping @Sendable () -> Int64) {
        self.requestBytes = requestBytes
        self.binaryBytes = binaryBytes
        self.now = now
    }

    /// The usage that the provider has reported; nil if it hasn't, or hasn't yet.
    var usage: TokenUsage? { textSummary?.usage ?? counted }

    /// The model that has answered, according to the provider. At most 200 characters.
    var model: String? { textSummary?.model ?? modelOfEvents }

    private var modelOfEvents: String? {
        for event in firstEvents {
            if let model = ResponseMembers(event, endsWithModel: true).model { return model }
        }
        return nil
    }

    /// Read once, for both the counters and the record.
    private var textSummary: (usage: TokenUsage?, model: String?)? {
        if summary == nil { summary = text?.summary }
        return summary
    }

    /// For responses whose usage is unknown: a token is about four bytes, and an event of a stream has about one token.
    /// Bytes of images and audio cost much less: see docs/decisions/0022.
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

    func noteEnd() { hasEnded = true }

    /// A server has answered, so what the previous one said in an error no longer applies.
    func noteAttempt() { (workInError, usageInError) = (nil, nil) }

    /// Notes the body of a provider's error.
    func noteError(_ body: [UInt8]) {
        usageRefusal = UsageRefusal(body)
        guard body.withUnsafeBytes({ ModelWork.isShown(in: $0) }) else { return }
        workInError = .begun
        usageInError = ResponseMembers(ofError: body).usage
    }

    /// Notes an error in a response with a success status. After part of an answer, or a usage, it changes nothing.
    func noteError(_ error: ReportedError) {
        guard workInError == nil, firstOutput == nil, usage == nil else { return }
        if ModelWork.isRefusal(error) { workInError = .refused }
    }

    func noteOutput() { if firstOutput == nil { firstOutput = now() } }

    /// Notes an event with part of the answer.
    func noteEvent(_ fields: EventFields) {
        noteOutput()
        events += 1
        if events <= Self.keptEvents { firstEvents.append(Array(fields.data.prefix(Self.longestKept))) }
    }

    /// The last usage counts, but it doesn't erase what only earlier ones say: some providers write zeros into later
    /// events.
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
    /// How much of the beginning is kept. In bytes.
    static let longest = 8 * 1024
    /// How much of the end is kept: OpenAI's responses have the caller's metadata after the usage, 16 keys of 64 and
    /// values of 512 characters, for each of which JSON may need twelve bytes. In bytes.
    static let longestTail = 128 * 1024

    private(set) var head: [UInt8] = []
    private(set) var tail: [UInt8] = []
    /// Whether nothing is missing between them.
    private(set) var isWhole = true

    init() {}

    /// Makes the ends of a body of which something is missing between them.
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
        // Only from time to time, so that many small pieces don't each move the whole tail.
        if tail.count > 2 * Self.longestTail {
            isWhole = false
            tail.removeFirst(tail.count - Self.longestTail)
        }
    }

    /// The usage and the model. In a long body, of which the middle is missing, the usage is the last object of that
    /// name.
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
