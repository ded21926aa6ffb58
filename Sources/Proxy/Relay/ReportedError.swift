import JSONBytes

/// An error that a provider reports in an answer that began as a success: `{"error": …}`, or the same unwrapped.
struct ReportedError {
    /// What stands in `error`.
    private var error: ErrorMembers?
    /// What stands beside it.
    private var outer = ErrorMembers()
    private(set) var isObject = false

    /// OpenAI's SDKs find the message themselves.
    var isReadable: Bool { isObject && error?.hasMessage == true }

    /// - Parameter isCertain: that this is an error is known already; here it is read what it says.
    /// - Returns: nil if the text says nothing of an error.
    init?(_ text: [UInt8], isCertain: Bool) {
        do throws(JSONError) {
            try read(text)
        } catch {
            self.error = ErrorMembers()
            self.error?["message"] = text.isEmpty ? nil : String(decoding: text.prefix(500), as: UTF8.self)
            outer = ErrorMembers()
            isObject = false
            guard isCertain else { return nil }
        }
        guard isCertain || error != nil || isUnwrapped else { return nil }
    }

    /// As OpenAI's Responses API has it in `type`, and older servers have it in `object`.
    private var isUnwrapped: Bool { outer.hasMessage && (outer["type"] == "error" || outer["object"] == "error") }

    /// The status that it would have had, had it come in time.
    var status: Int? {
        for text in [error?["code"], error?["status"], outer["code"], outer["status"]] {
            if let status = text.flatMap({ Int($0) }), (400..<600).contains(status) { return status }
        }
        return nil
    }

    /// `{"error":{…}}` as OpenAI's clients read it, with what is known.
    /// - Parameter summary: stands in for words that it doesn't have.
    func body(summary: String) -> [UInt8] {
        let message = error?["message"] ?? error?["detail"] ?? outer["message"] ?? outer["detail"]
        let type = error?["type"] ?? outer["type"].flatMap { $0 == "error" ? nil : $0 }
        return ProxyError.body(
            message: message ?? summary, type: type ?? ProxyError.type(.upstream),
            param: error?["param"] ?? outer["param"], code: error?["code"] ?? outer["code"])
    }

    /// For the log and for Lambda: the provider's own words may quote a prompt.
    static func summary(_ server: String) -> String { "The server '\(server)' reported an error in its answer." }
}

// MARK: - Reading

extension ReportedError {
    private mutating func read(_ text: [UInt8]) throws(JSONError) {
        var reader = JSONReader(text, allowsNonFinite: true)
        try reader.readObject { key, reader throws(JSONError) in
            guard key == "error" else { return try outer.read(key, &reader, of: text) }
            try readError(&reader, of: text)
        }
        try reader.finish()
    }

    /// What is empty or false is no error: so do the SDKs take it, and some servers write it into every answer.
    private mutating func readError(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        var members = ErrorMembers()
        isObject = try reader.peekKind() == .object
        if isObject {
            try reader.readObject { key, reader throws(JSONError) in try members.read(key, &reader, of: text) }
            error = members.isEmpty ? nil : members
        } else {
            let isNumber = try reader.peekKind() == .number
            let isTrue = try reader.peekKind() == .bool
            try members.read(named: isNumber ? "code" : "message", &reader, of: text)
            let words = members[isNumber ? "code" : "message"] ?? ""
            if isTrue { members["message"] = nil }
            error = ["", "0", "false", "[]"].contains(words) ? nil : members
        }
    }
}
