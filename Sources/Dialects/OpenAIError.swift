import JSONBytes

/// OpenAI's error, as its clients read it.
package enum OpenAIError {
    /// `{"error":{"message":…,"type":…,"param":…,"code":…}}`
    package static func body(message: String, type: String, param: String?, code: String?) -> [UInt8] {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        let error: [(key: String, value: JSONValue)] = [
            ("message", .string(message)), ("type", .string(type)), ("param", text(param)), ("code", text(code)),
        ]
        return JSONValue.object([("error", .object(error))]).serialized
    }
}
