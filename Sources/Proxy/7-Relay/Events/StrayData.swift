import JSONBytes

/// Data in a stream that doesn't look like part of a response. Many servers report an error there without labeling it
/// as one: `{"detail":…}` (FastAPI), `{"code":500,"message":…}`, a text. OpenAI's SDKs fail on it without showing its
/// message, or read it as an empty response.
enum StrayData: Equatable {
    /// JSON that may belong to a response, or is empty.
    case answer
    /// JSON with an error's members and none of a response's.
    case error
    /// Not JSON, so the SDKs fail on it.
    case text
    /// HTML or XML.
    case page

    /// - Parameter isWhole: false if more would have followed.
    init(_ text: [UInt8], isWhole: Bool = true) {
        let start = text.withUnsafeBytes { $0.startOfContent }
        guard start < text.count, !text.withUnsafeBytes({ $0.has("[DONE]", at: start) }) else {
            self = .answer
            return
        }
        let first = text[start]
        if first == UInt8(ascii: "<") {
            self = .page
        } else if let words = StrayWords(text) {
            self = words.isError ? .error : .answer
        } else {
            let mayGoOn = first.closer != nil || first == UInt8(ascii: "\"")
            self = !isWhole && mayGoOn ? .answer : .text
        }
    }
}

/// What JSON without the label of an error says.
private struct StrayWords {
    private let text: [UInt8]
    private var hasWords = false
    /// Whether it has something that errors don't have.
    private var isAnswer = false

    var isError: Bool { hasWords && !isAnswer }

    /// Nil if it isn't JSON.
    init?(_ text: [UInt8]) {
        self.text = text.withoutMark
        var reader = JSONReader(self.text, allowsNonFinite: true)
        do throws(JSONError) {
            try read(&reader)
            try reader.finish()
        } catch {
            switch error.reason {
            // The SDKs' parsers may accept it.
            case .invalidUTF8, .tooDeep, .tooMany: isAnswer = true
            default: return nil
            }
        }
    }

    private mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        switch try reader.peekKind() {
        case .object: try readMembers(&reader)
        case .array:
            var isFirst = true
            try reader.readArray { reader throws(JSONError) in
                defer { isFirst = false }
                guard isFirst, try reader.peekKind() == .object else { return try _ = reader.skipValue() }
                try readMembers(&reader)
            }
        case .string:
            let text = try reader.readStringBytes()
            // Some servers write the end mark as a JSON string.
            hasWords = text.contains { !$0.isWhiteSpace } && !text.elementsEqual("[DONE]".utf8)
        case .number, .bool, .null: try reader.skipValue()
        }
    }

    private mutating func readMembers(_ reader: inout JSONReader) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            let kind = try reader.peekKind()
            switch NormalizedName(key) {
            case "error":
                // An empty `error` says that there is none.
                if try reader.skipsEmpty(of: text) { isAnswer = true } else { hasWords = true }
            case "errors", "err", "fault": if try !reader.skipsEmpty(of: text) { hasWords = true }
            case "message", "msg", "detail", "errormessage", "errormsg", "errmsg", "errordescription", "faultstring":
                let isNothing = try reader.skipsEmpty(of: text)
                let isText = kind == .string || kind == .array || key == "detail"
                if !isNothing { if isText { hasWords = true } else { isAnswer = true } }
            case "type", "object": try readType(kind, &reader)
            case "code", "statuscode", "status", "success": try readLabel(kind, &reader)
            case "choices", "usage", "delta", "content", "text", "data", "output", "response", "result", "results",
                "candidates", "model", "created", "createdat", "done", "event", "role", "index", "progress":
                if try !reader.skipsEmpty(of: text) { isAnswer = true }
            default: try reader.skipValue()
            }
        }
    }

    /// A code, a status or a success flag, whose value may show that it isn't an error.
    private mutating func readLabel(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws(JSONError) {
        switch kind {
        case .number:
            if let code = try reader.readWholeNumber(), code == 0 || (200..<300).contains(code) { isAnswer = true }
        case .bool: if try reader.readBool() { isAnswer = true }
        case .string:
            switch NormalizedName(try reader.readStringBytes()) {
            case "0", "200", "ok", "success", "processing", "queued", "pending", "running", "inprogress", "completed":
                isAnswer = true
            default: break
            }
        case .object, .array, .null: try reader.skipValue()
        }
    }

    /// The type of an error ends with "error" or "exception", or is a URI (RFC 9457).
    private mutating func readType(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws(JSONError) {
        guard kind == .string else {
            if try !reader.skipsEmpty(of: text) { isAnswer = true }
            return
        }
        let type = try reader.readStringBytes()
        let name = NormalizedName(type)
        let isErrors = name.hasSuffix("error") || name.hasSuffix("exception") || type.contains(UInt8(ascii: ":"))
        if !isErrors, !type.isEmpty { isAnswer = true }
    }
}
