import JSONBytes

/// What programs read of an error.
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

/// Words of a provider's error as they may be shown: not long, and without control characters.
enum ErrorText {
    /// Longer than any sentence that is meant for people. In Unicode scalars.
    private static let longest = 2000
    private static let longestLabel = 200
    private static let mostSteps = 20

    /// What stands between two words becomes one blank.
    static func cleaned(_ bytes: some Collection<UInt8>, longest: Int = longest) -> String {
        var text = String.UnicodeScalarView()
        var isBehindBlank = true
        // A scalar has four bytes at most.
        for scalar in String(decoding: bytes.prefix(4 * longest), as: UTF8.self).unicodeScalars.prefix(longest) {
            let isBlank = scalar.value <= 0x20 || (0x7F...0x9F).contains(scalar.value)
            if !isBlank { text.append(scalar) } else if !isBehindBlank { text.append(" ") }
            isBehindBlank = isBlank
        }
        if isBehindBlank, !text.isEmpty { text.removeLast() }
        return String(text)
    }

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
