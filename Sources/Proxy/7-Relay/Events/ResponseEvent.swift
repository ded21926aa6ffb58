import JSONBytes

/// What an event of the Responses API means for its stream: more follows, it is the last one, or it is an error.
///
/// `type` in the data decides, since OpenAI's SDKs read nothing else. Without it, the name of the event decides: some
/// servers write only the name, and other clients read that.
enum ResponseEvent: Equatable {
    case part
    case last(isFailure: Bool)
    case error

    /// Longer than any type. In bytes.
    private static let longestType = 64

    /// - Parameters:
    ///   - event: the event that has these fields.
    ///   - hasError: whether it contains the word `"error"`.
    init(_ fields: EventFields, of event: UnsafeRawBufferPointer, hasError: Bool) {
        let first = fields.onlyLine.flatMap(Self.firstMember)
        let isNamed = Self.isLast(fields.name) || fields.name.isError
        if let first, first.last != UInt8(ascii: "\\"), !hasError, !Self.isLast(first), !Self.hasLastState(event) {
            self.init(type: first, name: fields.name)
        } else if first != nil || hasError || isNamed || Self.hasLastState(event) {
            // A later `type` would count instead of the first.
            self.init(type: EventMembers(fields.data).type, name: fields.name)
        } else {
            self = .part
        }
    }

    /// - Parameter type: nil if there is none.
    init(type: [UInt8]?, name: UnsafeRawBufferPointer) {
        if let type {
            self = type.withUnsafeBytes { .init(type: $0, name: name) }
        } else if Self.isLast(name) {
            self = .last(isFailure: name.isEqual(to: StreamEnd.failedState))
        } else {
            self = name.isError ? .error : .part
        }
    }

    private init(type: UnsafeRawBufferPointer, name: UnsafeRawBufferPointer) {
        if Self.isLast(type) {
            self = .last(isFailure: type.isEqual(to: StreamEnd.failedState))
        } else {
            // An error of another API is named "error", and has another type.
            self = type.isEqual(to: "error") || name.isError && !type.has("response.", at: 0) ? .error : .part
        }
    }

    private static func isLast(_ text: UnsafeRawBufferPointer) -> Bool {
        StreamEnd.lastStates.contains { text.isEqual(to: $0) }
    }

    /// The `type` of an object whose first member it is, as in OpenAI's events, up to the first escape. So most events
    /// need not be parsed as JSON.
    private static func firstMember(of text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard text.first == UInt8(ascii: "{") else { return nil }
        let key = text.endOfBlanks(from: 1)
        guard text.has(#""type""#, at: key), let quote = text.startOfValue(after: key + 6),
            text[quote] == UInt8(ascii: "\"")
        else { return nil }
        let value = text[(quote + 1)...].prefix(longestType)
        guard let end = value.firstIndex(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            return nil
        }
        return .init(rebasing: value[end] == UInt8(ascii: "\"") ? value[..<end] : value[...end])
    }

    /// Whether the event contains the name of a final state as a string, or a string that begins like one and continues
    /// with an escape.
    private static func hasLastState(_ event: UnsafeRawBufferPointer) -> Bool {
        let start: StaticString = #""response"#
        let states: [StaticString] = [#".completed""#, #".incomplete""#, #".failed""#, #"\"#]
        var index = event.offset(of: start, from: 0)
        while let place = index {
            let end = place + start.utf8CodeUnitCount
            for state in states where event.has(state, at: end) { return true }
            index = event.offset(of: start, from: end)
        }
        return false
    }
}

extension UnsafeRawBufferPointer {
    /// Whether this is "error", in any case.
    var isError: Bool { count == 5 && elementsEqual("error".utf8, by: UInt8.isSameLetter) }
}

/// The members that say what an event is. Its JSON may be cut off.
struct EventMembers {
    private(set) var type: [UInt8]?
    private var object: [UInt8]?
    /// Whether there is an `error`, or the beginning of one, that isn't empty or false.
    private(set) var hasError = false
    /// Whether the text is exactly one complete object.
    private(set) var isWhole = false

    /// Whether it is labeled as an error: by vLLM in `object`, by the Responses API in `type`.
    var isUnwrappedError: Bool { Self.isError(object) || Self.isError(type) }

    private static func isError(_ label: [UInt8]?) -> Bool { label?.elementsEqual("error".utf8) ?? false }

    init(_ text: [UInt8]) {
        var reader = JSONReader(text, allowsNonFinite: true)
        do throws(JSONError) {
            try read(&reader, of: text)
            try reader.finish()
            isWhole = true
        } catch {
            isWhole = false
        }
    }

    private mutating func read(_ reader: inout JSONReader, of text: [UInt8]) throws(JSONError) {
        try reader.readObject { key, reader throws(JSONError) in
            switch (key, try reader.peekKind()) {
            // The last of several counts, as in the SDKs.
            case ("type", .string): type = try reader.readStringBytes()
            case ("object", .string): object = try reader.readStringBytes()
            case ("error", let kind):
                // Set first, in case the rest is missing.
                hasError = [.object, .array, .string].contains(kind)
                hasError = try !reader.skipsEmpty(of: text)
            default: try reader.skipValue()
            }
        }
    }
}
