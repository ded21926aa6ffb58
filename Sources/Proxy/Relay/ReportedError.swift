import JSONBytes

/// An error in a provider's own words, and what OpenAI's SDKs get to see of it.
struct ReportedError {
    private let words: ErrorParser
    /// The words; nil if there are none.
    let text: String?
    /// OpenAI's SDKs find the message themselves.
    let isReadable: Bool

    /// Of more lines of JSON an error isn't looked for.
    private static let mostValues = 100

    /// - Parameter isCertain: that this is an error is known already; here it is read what it says.
    /// - Returns: nil if the text says nothing of an error.
    init?(_ text: [UInt8], isCertain: Bool) {
        let (words, isWhole) = Self.read(text)
        guard isCertain || isWhole && (words.hasError || words.isUnwrapped) else { return nil }
        self.words = words
        isReadable = isWhole && words.isReadable
        // Where it isn't known what says something, all is shown.
        let isUnknown = !isWhole || (words.hasMore || words.isNumber) && !words.hasError
        let isJSON = text.withUnsafeBytes { BodyStart($0) } == .json
        let all = !isUnknown ? "" : isJSON ? ErrorText.cleanedJSON(text) : ErrorText.cleaned(text)
        self.text = words.text ?? (all.isEmpty ? nil : all)
    }

    /// The status that it would have had, had it come in time.
    var status: Int? { words.status }

    var code: String? { words.code }
    var type: String? { words.type }

    /// It says what errors say, and nothing of an answer stands beside that.
    var isAlone: Bool { (words.hasError || words.isUnwrapped || words.isComplaint) && !words.isAnswer }

    /// It is a part of an answer that streams.
    var isPart: Bool { words.isAnswer || words.type?.utf8.starts(with: "response.".utf8) == true }

    /// `{"error":{…}}` as OpenAI's clients read it, with what is known.
    func body(message: String) -> [UInt8] {
        ProxyError.body(
            message: message, type: words.type ?? ProxyError.type(.upstream), param: words.param, code: words.code)
    }

    /// - Parameter summary: stands in for words that it doesn't have.
    func body(summary: String) -> [UInt8] { body(message: text ?? summary) }

    /// For the log and for Lambda: the provider's own words may quote a prompt.
    static func summary(_ server: String) -> String { "The server '\(server)' reported an error in its answer." }

    /// Of several values, as lines of JSON have them, the first that has an error counts, else the very first.
    private static func read(_ text: [UInt8]) -> (ErrorParser, isWhole: Bool) {
        var reader = JSONReader(text, allowsNonFinite: true)
        var found = ErrorParser()
        var count = 0
        do throws(JSONError) {
            repeat {
                var words = ErrorParser()
                defer {
                    if count == 0 || !found.hasError && words.hasError { found = words }
                    count += 1
                }
                try words.read(&reader, of: text)
            } while count < mostValues && !reader.isAtEnd
        } catch {
            return (found, false)
        }
        return (found, count == 1)
    }
}

extension JSONReader {
    fileprivate var isAtEnd: Bool {
        var reader = self
        return (try? reader.finish()) != nil
    }
}
