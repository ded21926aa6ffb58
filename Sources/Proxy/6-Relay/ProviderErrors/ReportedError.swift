import JSONBytes

/// An error in a provider's own words, and how OpenAI's SDKs see it.
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

/// The labels of an error, which programs read.
struct ErrorLabels {
    var type: String?
    var param: String?
    var code: String?
    var status: String?

    /// A status in words is a type: `RESOURCE_EXHAUSTED`.
    var knownType: String? {
        let isStatus = status.map { Int($0) == nil } ?? false
        return [type, isStatus ? status : nil].compactMap { $0 }.first { $0 != "error" && $0 != "about:blank" }
    }

    /// A number that HTTP has no status for is a code.
    var knownCode: String? {
        code ?? status.flatMap { status in Int(status).flatMap { (0..<600).contains($0) ? nil : status } }
    }

    var httpStatus: Int? {
        for text in [code, status] {
            if let status = text.flatMap({ Int($0) }), (400..<600).contains(status) { return status }
        }
        return nil
    }

    /// Adds those of a value inside another.
    /// - Parameters:
    ///   - inner: of what is inside of it in turn.
    ///   - isBetter: whether they go before those that are known.
    mutating func add(_ inner: ErrorLabels, _ outer: ErrorLabels, isBetter: Bool) {
        func best(_ known: String?, _ inner: String?, _ outer: String?) -> String? {
            isBetter ? inner ?? outer ?? known : known ?? inner ?? outer
        }
        type = best(type, inner.type, outer.type)
        param = best(param, inner.param, outer.param)
        code = best(code, inner.code, outer.code)
        status = best(status, inner.status, outer.status)
    }
}

/// Makes the text of a provider's error safe to show: short, without control characters and web pages.
enum ErrorText {
    /// Longer than any sentence that is meant for people. In Unicode scalars.
    private static let longest = 2000
    private static let longestLabel = 200
    private static let mostSteps = 20

    /// What stands between two words becomes one blank. A page, as a gateway sends it, is left out, with all behind it.
    static func cleaned(_ bytes: some Collection<UInt8>, longest: Int = longest) -> String {
        var text = String.UnicodeScalarView()
        var isBehindBlank = true
        // A scalar has four bytes at most.
        let beginning = Array(bytes.drop { $0 <= 0x20 }.prefix(4 * longest))
        let words = beginning.prefix(beginning.startOfPage)
        for scalar in String(decoding: words, as: UTF8.self).unicodeScalars.prefix(longest) {
            let isBlank = scalar.value <= 0x20 || (0x7F...0x9F).contains(scalar.value)
            if !isBlank { text.append(scalar) } else if !isBehindBlank { text.append(" ") }
            isBehindBlank = isBlank
        }
        if isBehindBlank, !text.isEmpty { text.removeLast() }
        return String(text)
    }

    /// JSON in which nothing is known to be words; empty if a page is quoted in it.
    static func cleanedJSON(_ bytes: [UInt8]) -> String { bytes.hasPage ? "" : cleaned(bytes) }

    /// The next value as a label: a string, or what else is written there.
    static func label(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) -> String? {
        let label: String
        switch try reader.peekKind() {
        case .null:
            try reader.skipValue()
            return nil
        case .string: label = cleaned(try reader.readStringBytes(), longest: longestLabel)
        default: label = cleaned(text[try reader.skipValue()], longest: longestLabel)
        }
        return label.isEmpty ? nil : label
    }

    /// The next array as a way into the request's body: `["body", "messages", 0]` as `messages.0`.
    static func path(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) -> String? {
        var steps: [String] = []
        try reader.readArray { reader throws(JSONError) in
            guard let step = try label(&reader, of: text), steps.count < mostSteps else { return }
            if !steps.isEmpty || step != "body" { steps.append(step) }
        }
        return steps.isEmpty ? nil : steps.joined(separator: ".")
    }
}

extension [UInt8] {
    /// Where a web page begins among words: with any tag if it is their start (`<Error>`, but not `<|im_start|>`), else
    /// with one that only pages have. The end if there is none.
    var startOfPage: Int {
        var index = 0
        var isStart = true
        while index < count {
            let byte = self[index]
            if byte == UInt8(ascii: "<"), isStart && beginsTag(at: index) || beginsPage(at: index) { return index }
            if byte > 0x20 { isStart = false }
            index += 1
        }
        return count
    }

    var hasPage: Bool { startOfPage < count }

    private func beginsTag(at start: Int) -> Bool {
        guard start + 1 < count else { return false }
        let byte = self[start + 1]
        return byte.isLetter || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "?")
    }

    private func beginsPage(at start: Int) -> Bool {
        let words: [StaticString] = ["<html", "<head", "<body", "<!doctype", "<?xml"]
        return words.contains { word in
            let end = start + word.utf8CodeUnitCount
            // What goes on is another word: `<headers>`.
            guard end <= count, end == count || !self[end].isLetter else { return false }
            return self[start..<end].elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
        }
    }
}
