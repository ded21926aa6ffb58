import Dialects
import JSONBytes

/// An error in a provider's own words, and what OpenAI's SDKs make of it.
struct ReportedError {
    private let words: ErrorParser
    /// The error's text; nil if there is none.
    let text: String?
    /// Whether OpenAI's SDKs find the message themselves.
    let isReadable: Bool

    /// How many lines of JSON are searched for an error.
    private static let mostValues = 100

    /// - Parameter isCertain: whether this is known to be an error, so that only its content has to be read.
    /// - Returns: nil if the text isn't an error.
    init?(_ text: [UInt8], isCertain: Bool) {
        let (words, isWhole) = Self.read(text)
        guard isCertain || isWhole && (words.hasError || words.isUnwrapped) else { return nil }
        self.words = words
        isReadable = isWhole && words.isReadable
        // If it is unknown which part is the message, all of it is shown.
        let isUnknown = !isWhole || (words.hasMore || words.isNumber) && !words.hasError
        let isJSON = text.withUnsafeBytes { BodyStart($0) } == .json
        let all = !isUnknown ? "" : isJSON ? ErrorText.cleanedJSON(text) : ErrorText.cleaned(text)
        self.text = words.text ?? (all.isEmpty ? nil : all)
    }

    /// The HTTP status that it names.
    var status: Int? { words.status }

    var code: String? { words.code }
    var type: String? { words.type }

    /// Whether it has members of an error, and none of a response.
    var isAlone: Bool { (words.hasError || words.isUnwrapped || words.isComplaint) && !words.isAnswer }

    /// Whether it is part of a streamed response.
    var isPart: Bool { words.isAnswer || words.type?.utf8.starts(with: "response.".utf8) == true }

    /// `{"error":{…}}` as OpenAI's clients read it.
    func body(message: String) -> [UInt8] {
        OpenAIError.body(
            message: message, type: words.type ?? ProxyError.type(.upstream), param: words.param, code: words.code)
    }

    /// - Parameter summary: the message if it has no text of its own.
    func body(summary: String) -> [UInt8] { body(message: text ?? summary) }

    /// For the log and for Lambda: the provider's own words may quote a prompt.
    static func summary(_ server: String) -> String { "The server '\(server)' reported an error in its answer." }

    /// Reads the first of several values (lines of JSON) that has an error, or the very first if none has.
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

    /// A status in words, such as `RESOURCE_EXHAUSTED`, is a type.
    var knownType: String? {
        let isStatus = status.map { Int($0) == nil } ?? false
        return [type, isStatus ? status : nil].compactMap { $0 }.first { $0 != "error" && $0 != "about:blank" }
    }

    /// A number that isn't an HTTP status is a code.
    var knownCode: String? {
        code ?? status.flatMap { status in Int(status).flatMap { (0..<600).contains($0) ? nil : status } }
    }

    var httpStatus: Int? {
        for text in [code, status] {
            if let status = text.flatMap({ Int($0) }), (400..<600).contains(status) { return status }
        }
        return nil
    }

    /// Adds the labels of a nested value.
    /// - Parameters:
    ///   - inner: the labels of the values nested in it.
    ///   - isBetter: whether they take precedence over the known ones.
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
    /// Longer than any message for people. In Unicode scalars.
    private static let longest = 2000
    private static let longestLabel = 200
    private static let mostSteps = 20

    /// Replaces white space and control characters between words with one space. Drops a web page, which a gateway may
    /// have sent, and everything after it.
    static func cleaned(_ bytes: some Collection<UInt8>, longest: Int = longest) -> String {
        // A scalar has at most four bytes.
        let beginning = bytes.drop { $0 <= 0x20 }.prefix(4 * longest)
        let text = String(oneLine: String(decoding: beginning, as: UTF8.self).unicodeScalars.prefix(longest))
        // The page is looked for in what is shown: without control characters, and cut at the longest length.
        var words = Array(text.utf8)
        words.removeSubrange(words.startOfPage...)
        if words.last == UInt8(ascii: " ") { words.removeLast() }
        return String(decoding: words, as: UTF8.self)
    }

    /// The same for JSON with unknown members; empty if it quotes a web page.
    static func cleanedJSON(_ bytes: [UInt8]) -> String { bytes.hasPage ? "" : cleaned(bytes) }

    /// The next value as a label: a string, or any other value as it is written.
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

    /// The next array as a path into the request's body: `["body", "messages", 0]` becomes `messages.0`.
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
    /// The offset of a web page in a text: at the start of the text with any tag (`<Error>`, but not `<|im_start|>`),
    /// later only with one that only pages have. The end if there is none.
    var startOfPage: Int {
        var index = 0
        var isStart = true
        while index < count {
            if self[index] == UInt8(ascii: "<"), isStart && beginsTag(at: index) || beginsPage(at: index) {
                return index
            }
            let blank = lengthOfBlank(at: index)
            if blank == 0 { isStart = false }
            index += Swift.max(blank, 1)
        }
        return count
    }

    /// The length of the white space or the control character (U+007F to U+009F too) at an index, or 0.
    private func lengthOfBlank(at index: Int) -> Int {
        let byte = self[index]
        if byte <= 0x20 || byte == 0x7F { return 1 }
        return byte == 0xC2 && index + 1 < count && (0x80...0x9F).contains(self[index + 1]) ? 2 : 0
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
            // If letters follow, it is another word, such as `<headers>`.
            guard end <= count, end == count || !self[end].isLetter else { return false }
            return self[start..<end].elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
        }
    }
}
