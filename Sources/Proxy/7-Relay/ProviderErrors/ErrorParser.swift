import JSONBytes

/// Reads an error from a JSON value, under any of the names that providers use.
///
/// The name of a member determines its meaning. If its value is an object or an array, so do the names inside:
/// `{"error":{"message":…}}` (OpenAI), `[{"error":…}]` (Gemini), `{"detail":[{"loc":…,"msg":…}]}` (FastAPI),
/// `{"title":…,"detail":…}` (RFC 9457), `{"fault":{"faultstring":…}}` (Apigee), `{"error_code":…,"error_msg":…}`
/// (Baidu), `{"base_resp":{"status_code":…,"status_msg":…}}` (MiniMax), `{"__type":…,"Message":…}` (AWS).
struct ErrorParser {
    /// Errors aren't nested deeper, and don't have more relevant members or elements.
    private static let (deepest, mostValues) = (8, 100)

    private let depth: Int
    private var labels = ErrorLabels()
    /// The labels of nested values, which take precedence.
    private var innerLabels = ErrorLabels()
    /// Indexed by `Member.Text`.
    private var texts = InlineArray<5, String?>(repeating: nil)
    /// The texts of an array's elements, or a string.
    private var elements: [String] = []
    /// The place of the mistake in the request, from FastAPI's `loc`.
    private var location: String?
    private var object: String?
    private var number: String?
    /// A value whose members have unknown names.
    private var unknown: String?
    /// How many members or elements have been read.
    private var count = 0
    /// Whether `message` is a string.
    private var hasMessage = false
    /// Whether a member with an unknown name isn't empty.
    private(set) var hasMore = false
    /// Whether the value is null, false, 0, or an empty text, array or object. SDKs treat those as absent, since some
    /// servers write `"error": null` into every response.
    private(set) var isEmpty = true
    /// Whether it, or the first element of an array, has an `error` that isn't empty.
    private(set) var hasError = false
    /// Whether it has members of a response.
    private(set) var isAnswer = false
    /// Whether it has a message or details, which at the top level only errors have.
    private(set) var isComplaint = false
    /// Whether its text contains a web page, which is left out.
    private(set) var hasPage = false
    /// Whether `error` is an object in which OpenAI's SDKs find the message themselves.
    private(set) var isReadable = false

    init(depth: Int = 0) { self.depth = depth }

    /// Whether it is an error without an `error` member: OpenAI's Responses API labels it in `type`, vLLM in `object`.
    var isUnwrapped: Bool { hasMessage && (labels.type == "error" || object == "error") }

    /// Whether it is only a number.
    var isNumber: Bool { number != nil && !isEmpty }

    var type: String? { innerLabels.knownType ?? labels.knownType }
    var param: String? { innerLabels.param ?? labels.param }
    var code: String? { innerLabels.knownCode ?? labels.knownCode }
    /// The HTTP status that it names.
    var status: Int? { innerLabels.httpStatus ?? labels.httpStatus }

    /// All texts, from general to specific: "Not Found: There is no model 'x'". Nil if there are none.
    var text: String? {
        var said: [String] = []
        for index in texts.indices {
            guard let text = texts[index], !said.contains(where: { $0.utf8.elementsEqual(text.utf8) }) else { continue }
            said.append(text)
        }
        if !elements.isEmpty { said.append(elements.joined(separator: "; ")) }
        guard var sentence = said.first ?? unknown else { return nil }
        for text in said.dropFirst() {
            let hasEnded = sentence.utf8.last.map { ".!?:".utf8.contains($0) } ?? true
            sentence += (hasEnded ? " " : ": ") + text
        }
        return ErrorText.cleaned(((location.map { $0 + ": " } ?? "") + sentence).utf8)
    }
}

// MARK: - Reading

extension ErrorParser {
    /// The meaning of a member, by its name.
    private enum Member {
        enum Text: Int { case title, error, message, detail, errors }

        case text(Text)
        case type, code, param, location, status, object, answer, other

        init(_ key: JSONKey) {
            switch NormalizedName(key) {
            case "title": self = .text(.title)
            case "error", "err", "fault", "baseresp", "response": self = .text(.error)
            case "message", "msg", "errormessage", "errormsg", "errmsg", "statusmsg", "faultstring":
                self = .text(.message)
            case "detail", "details", "description", "errordescription", "reason": self = .text(.detail)
            case "errors": self = .text(.errors)
            // `@type` names the schema of Google's details.
            case "type" where key.bytes.first != UInt8(ascii: "@"), "errortype": self = .type
            case "code", "errorcode", "errcode": self = .code
            case "param", "parameter", "field": self = .param
            case "loc": self = .location
            case "status", "statuscode": self = .status
            case "object": self = .object
            // Members of responses in OpenAI's and other formats. Errors name no model.
            case "choices", "data", "output", "outputs", "result", "results", "embedding", "embeddings", "models",
                "model", "candidates", "predictions", "content", "text", "generatedtext", "delta", "usage", "scores":
                self = .answer
            default: self = .other
            }
        }
    }

    /// Reads the next value. If it is cut off, what was read until then counts.
    /// - Parameter text: the text that the reader reads.
    mutating func read(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        switch try reader.peekKind() {
        case .object:
            try reader.readObject { key, reader throws(JSONError) in
                guard try !skipsOne(&reader) else { return }
                try read(key, &reader, of: text)
            }
        case .array:
            try reader.readArray { reader throws(JSONError) in
                guard try !skipsOne(&reader) else { return }
                try readElement(&reader, of: text)
            }
        case .string:
            let string = try reader.readStringBytes()
            let words = ErrorText.cleaned(string)
            hasPage = string.hasPage
            isEmpty = words.isEmpty && !hasPage
            if !words.isEmpty { elements = [words] }
        case .number:
            number = try ErrorText.label(&reader, of: text)
            isEmpty = number == "0"
        case .bool: isEmpty = try !reader.readBool()
        case .null: try reader.skipValue()
        }
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        switch Member(key) {
        case .text(let place): try readText(key, at: place.rawValue, &reader, of: text)
        case .type: labels.type = try ErrorText.label(&reader, of: text)
        case .code:
            labels.code = try ErrorText.label(&reader, of: text)
            if key.bytes.first == UInt8(ascii: "e"), let code = labels.code, code != "0" { isComplaint = true }
        case .status: labels.status = try ErrorText.label(&reader, of: text)
        case .object:
            object = try ErrorText.label(&reader, of: text)
            if let object, object != "error" { isAnswer = true }
        case .param where try reader.peekKind() == .string: labels.param = try ErrorText.label(&reader, of: text)
        case .location where try reader.peekKind() == .array:
            location = try ErrorText.path(&reader, of: text)
            labels.param = location
        case .answer: if try !reader.skipsNothing(of: text) { (isAnswer, hasMore) = (true, true) }
        case .param, .location, .other: if try !reader.skipsNothing(of: text) { hasMore = true }
        }
    }

    private mutating func readText(
        _ key: JSONKey, at place: Int, _ reader: inout JSONReader, of text: [UInt8]
    ) throws(JSONError) {
        let (kind, start) = (try reader.peekKind(), reader.position)
        var value = ErrorParser(depth: depth + 1)
        defer { note(value, key, kind, at: place) }
        try value.readInside(&reader, of: text)
        guard value.text == nil, value.hasMore else { return }
        let all = ErrorText.cleanedJSON(Array(text[start..<reader.position]))
        // Details are for programs, so they are shown only if there is no other text.
        if place == Member.Text.detail.rawValue { unknown = all } else { value.elements = [all] }
    }

    private mutating func note(_ value: ErrorParser, _ key: JSONKey, _ kind: JSONReader.Kind, at place: Int) {
        let words = value.text
        texts[place] = texts[place] ?? words
        let isError = place == Member.Text.error.rawValue
        innerLabels.add(value.innerLabels, value.labels, isBetter: isError)
        if isError, let number = value.number { innerLabels.code = number }
        if key == "message" { hasMessage = kind == .string }
        hasPage = hasPage || value.hasPage
        let isDetail = key == "detail" && (kind == .string || kind == .array)
        let isMessage = place == Member.Text.message.rawValue && kind == .string
        if isDetail || isMessage || place == Member.Text.errors.rawValue, !value.isEmpty { isComplaint = true }
        guard key == "error" else { return }
        hasError = !value.isEmpty
        let isFound = value.hasMessage && (words == nil || value.texts[Member.Text.message.rawValue] != nil)
        isReadable = kind == .object && isFound && !value.hasPage
    }

    private mutating func readElement(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        var element = ErrorParser(depth: depth + 1)
        defer {
            if count == 1 {
                hasError = element.hasError || element.isUnwrapped
                (isComplaint, isAnswer) = (element.isComplaint, element.isAnswer)
            }
            let words = element.text
            hasPage = hasPage || element.hasPage
            if words == nil, !element.isEmpty, !element.hasPage { hasMore = true }
            if let words { elements.append(words) }
            innerLabels.add(element.innerLabels, element.labels, isBetter: false)
        }
        try element.readInside(&reader, of: text)
    }

    /// Counts a value, and skips it if there are too many.
    /// - Returns: whether it was skipped.
    private mutating func skipsOne(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        isEmpty = false
        count += 1
        guard count > Self.mostValues else { return false }
        try reader.skipValue()
        return true
    }

    private mutating func readInside(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        if depth <= Self.deepest { return try read(&reader, of: text) }
        hasMore = try !reader.skipsNothing(of: text)
        isEmpty = !hasMore
    }
}

extension JSONReader {
    /// Skips the next value.
    /// - Returns: whether it is empty.
    fileprivate mutating func skipsNothing(of text: [UInt8]) throws(JSONError) -> Bool {
        let kind = try peekKind()
        let place = try skipValue()
        return switch kind {
        case .object, .array, .string: place.count == 2
        case .number: place.count == 1 && text[place.lowerBound] == UInt8(ascii: "0")
        case .bool: place.count == 5
        case .null: true
        }
    }
}
