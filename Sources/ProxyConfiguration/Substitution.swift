import Proxy

/// `${NAME}` and `${NAME:-default}`, as a shell reads them: an empty variable counts as not set, and a default may
/// contain variables and defaults, which are read only if the default is needed.
struct Substitution {
    enum Failure: Error { case unclosed, badName, tooDeep, brace, escaped, reference }

    /// Without surrounding white space, unless it is a name. An address keeps `${NAME}` for a missing variable; in any
    /// other text nothing stands for it.
    let text: String
    /// Variables without a default that are not set, or whose values can't be used.
    let missing: [String]

    /// - Parameters:
    ///   - template: the text in the table.
    ///   - kind: what the text is for.
    init(
        _ template: String, _ environment: [String: String], for kind: ValueKind = .text
    ) throws(Failure) {
        var reader = TemplateReader(Array(template.utf8), environment, kind)
        let bytes = try reader.read()
        text = String(decoding: kind == .name ? bytes[...] : bytes.withoutOuterBlanks, as: UTF8.self)
        missing = reader.missing
    }
}

extension Substitution.Failure {
    /// The message that follows the key's name. The value isn't shown, because it may be a secret.
    var words: String {
        switch self {
        case .unclosed: "has '${' without '}'"
        case .badName:
            "has '${…}' with something other than NAME or NAME:-default inside"
        case .tooDeep: "has defaults that are nested too deeply"
        case .brace: "has '{' in a variable's default, where only '${NAME}' may use braces"
        case .escaped: #"has '$${', '\${' or '\}', but nothing can be escaped here; remove the '$' or '\'"#
        case .reference:
            "looks like a reference in another program's syntax, which is not resolved here; "
                + "write ${NAME} to read the environment variable NAME"
        }
    }
}

/// Reads a template once, byte by byte.
private struct TemplateReader {
    /// More than any table needs; keeps nested braces from exhausting the stack.
    private static let maximumDepth = 16

    private let bytes: [UInt8]
    private let environment: [String: String]
    private let kind: ValueKind
    private var position = 0
    private(set) var missing: [String] = []

    init(_ bytes: [UInt8], _ environment: [String: String], _ kind: ValueKind) {
        (self.bytes, self.environment, self.kind) = (bytes, environment, kind)
    }

    /// The whole template, expanded.
    mutating func read() throws(Substitution.Failure) -> [UInt8] {
        try read(depth: 0, isNeeded: true)
    }

    /// Reads up to the end of the template, or up to the end of the current default.
    private mutating func read(depth: Int, isNeeded: Bool) throws(Substitution.Failure) -> [UInt8] {
        var output: [UInt8] = []
        // The text as written, with a NUL in place of each variable.
        var literal: [UInt8] = []
        while let byte = next(), depth == 0 || byte != UInt8(ascii: "}") {
            position += 1
            if byte == UInt8(ascii: "$"), next() == UInt8(ascii: "{") {
                position += 1
                guard next() != UInt8(ascii: "{") else { throw .reference }
                // In other tools `$$` and `\$` escape a dollar sign.
                guard literal.last != UInt8(ascii: "$"), literal.last != UInt8(ascii: "\\") else { throw .escaped }
                output += try expression(depth, isNeeded: isNeeded)
                literal.append(0)
                continue
            }
            // A shell ends the default at the first closing brace, even if braces were opened inside.
            guard depth == 0 || byte != UInt8(ascii: "{") else { throw .brace }
            output.append(byte)
            literal.append(byte)
        }
        guard depth == 0 || next() != nil else { throw .unclosed }
        guard depth == 0 || literal.last != UInt8(ascii: "\\") else { throw .escaped }
        guard !ForeignReference.stands(in: literal, of: kind) else { throw .reference }
        return output
    }

    /// Reads the rest of a variable after `${`, with its closing brace.
    private mutating func expression(_ depth: Int, isNeeded: Bool) throws(Substitution.Failure) -> [UInt8] {
        guard depth < Self.maximumDepth else { throw .tooDeep }
        let name = try name()
        let value = VariableValue(environment[name], for: kind)
        let hasDefault = next() == UInt8(ascii: ":")
        var fallback: [UInt8] = []
        if hasDefault {
            position += 1
            guard next() == UInt8(ascii: "-") else { throw next() == nil ? .unclosed : .badName }
            position += 1
            fallback = try read(depth: depth + 1, isNeeded: isNeeded && value == .empty)
        }
        guard let end = next() else { throw .unclosed }
        guard end == UInt8(ascii: "}") else { throw .badName }
        position += 1
        switch value {
        case .bytes(let bytes): return Array(bytes)
        case .empty where hasDefault: return fallback
        case .empty, .unusable:
            if isNeeded { missing.append(name) }
            // A URL is shown to the owner even if it isn't complete. A secret with this text could be guessed.
            return kind == .address ? Array("${\(name)}".utf8) : []
        }
    }

    private mutating func name() throws(Substitution.Failure) -> String {
        let start = position
        while let byte = next(), byte.isOfVariableName { position += 1 }
        guard start < position, !bytes[start].isDigit else { throw next() == nil ? .unclosed : .badName }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private func next() -> UInt8? { position < bytes.count ? bytes[position] : nil }
}

/// What a value is used for. It decides how strictly the value is searched for other tools' references.
enum ValueKind {
    case secret, address, text
    /// A name that the owner chose. Surrounding white space is kept.
    case name

    /// - Parameter key: the key of the value.
    init(of key: String) {
        switch key {
        case "token", "key", "key_hash", "secret", "secrets", "user_id_key": self = .secret
        case "url", "endpoint", "issuer", "jwks_url", "authorize_url", "token_url": self = .address
        case "name": self = .name
        default: self = .text
        }
    }
}

/// The value of an environment variable.
enum VariableValue: Equatable {
    /// Not set, or nothing but white space.
    case empty
    /// Without surrounding white space, which `.env` files and commands often leave.
    case bytes(ArraySlice<UInt8>)
    /// Can't be what the owner meant. It counts as missing, and a default doesn't replace it.
    case unusable(_ reason: String)

    init(_ text: String?, for kind: ValueKind) {
        let bytes = Array((text ?? "").utf8).withoutOuterBlanks
        if bytes.isEmpty {
            self = .empty
        } else if ForeignReference.isWhole(bytes, isSecret: kind == .secret) {
            self = .unusable("holds a reference to another value, such as '$NAME', which is not resolved")
        } else if kind == .secret, bytes.contains(where: \.isControl) {
            self = .unusable("contains a line break or another control character")
        } else {
            self = .bytes(bytes)
        }
    }
}

extension UInt8 {
    var isControl: Bool { self < 0x20 || self == 0x7F }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLetter: Bool { isUppercase || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isOfVariableName: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
