import JSONBytes
import Transport

/// An error of Amazon Bedrock in OpenAI's terms.
package struct BedrockFailure: Error, Equatable {
    /// The `code` if the proxy's credentials are refused.
    package static let authentication = "upstream_authentication"
    /// The `type` if the role may not use the model.
    package static let permission = "permission_error"

    /// The HTTP status for the caller.
    package var status: Int
    /// The type in OpenAI's error.
    package var type: String
    package var code: String?
    /// For the caller: without ARNs and account ids.
    package var message: String
    /// For the owner's log, in Bedrock's own words; nil if these may quote a prompt.
    package var detail: String?

    /// - Parameters:
    ///   - status: the HTTP status.
    ///   - errorType: the header `x-amzn-errortype`.
    package init(status: Int, errorType: String?, body: [UInt8]) {
        let error = BedrockErrorBody(body)
        let name = BedrockErrorKind.name(errorType ?? "")
        self.init(name.isEmpty ? BedrockErrorKind.name(error.type ?? "") : name, status: status, error.message ?? "")
    }

    /// Reads an exception from a message of an event stream.
    /// - Returns: nil if it is an event.
    init?(_ message: EventStreamMessage) throws(TransportError) {
        guard let type = message.headers[":message-type"] else {
            throw TransportError(.malformed, "a message of the event stream has no type")
        }
        let name: UnsafeRawBufferPointer?
        var text: String?
        if type.equals("exception") {
            name = message.headers[":exception-type"]
        } else if type.equals("error") {
            name = message.headers[":error-code"]
            text = message.headers[":error-message"].map { String(decoding: $0, as: UTF8.self) }
        } else if type.equals("event") {
            name = message.headers[":event-type"]
            guard let name, UnsafeRawBufferPointer(rebasing: name.suffix(9)).equals("Exception") else { return nil }
        } else {
            throw TransportError(.malformed, "a message of the event stream has an unknown type")
        }
        text = text ?? BedrockErrorBody(Array(message.payload)).message
        let known = name.map { BedrockErrorKind.name(String(decoding: $0, as: UTF8.self)) }
        self.init(known ?? "", status: nil, text ?? "")
    }

    /// A response that isn't in the documented form.
    /// - Parameter detail: a sentence for the owner's log.
    init(unreadable detail: String) {
        self.init(.other, "", "")
        message = "The server's answer can't be read."
        self.detail = detail
    }

    /// - Parameters:
    ///   - name: of the exception, as `BedrockErrorKind.name` returns it.
    ///   - status: the HTTP status; nil in a stream.
    ///   - text: the exception's message.
    private init(_ name: String, status: Int?, _ text: String) {
        let words = BedrockErrorText.cleaned(text)
        let isSuccess = status.map { $0 < 400 } ?? false
        var kind = BedrockErrorKind(name) ?? status.map { BedrockErrorKind(status: $0) } ?? .other
        // An error in a success isn't the caller's mistake, whatever its name.
        if isSuccess, ![.throttled, .credentials, .accessDenied].contains(kind) { kind = .other }
        self.init(kind.refined(by: words.lowercased()), name, words)
    }

    private init(_ kind: BedrockErrorKind, _ name: String, _ words: String) {
        (status, type, code) = kind.labels
        message = kind.message ?? BedrockErrorText.withoutAccounts(words)
        if message.isEmpty { message = "The server reported an error\(name.isEmpty ? "" : " (\(name))")." }
        detail = kind.detail(name, words)
    }

    /// OpenAI's error.
    package var body: [UInt8] { OpenAIError.body(message: message, type: type, param: nil, code: code) }
}

/// The body of an error: `{"message":…}`, `{"Message":…,"__type":…}` or `{"Output":{"__type":…}}`.
struct BedrockErrorBody {
    private(set) var type: String?
    private(set) var message: String?

    /// What can't be read is left out.
    init(_ body: [UInt8]) {
        var reader = JSONReader(body, maximumCount: 1000)
        try? reader.readObject { key, reader throws(JSONError) in
            guard key == "Output", try reader.peekKind() == .object else { return try read(key, &reader) }
            try reader.readObject { key, reader throws(JSONError) in try read(key, &reader) }
        }
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        switch (key, try reader.peekKind()) {
        case ("message", .string), ("Message", .string): message = try reader.readString()
        case ("__type", .string): type = try reader.readString()
        default: try reader.skipValue()
        }
    }
}
