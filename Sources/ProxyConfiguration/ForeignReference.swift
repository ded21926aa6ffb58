import Proxy

/// Text that some other tool would replace: `$NAME`, `os.environ/NAME`, `{{ NAME }}`, `op://vault/item`. Nobody does so
/// here. Taken for a secret it would let in whoever sends it, since anybody can guess it.
///
/// A real secret may have a dollar sign, a brace or a percent sign anywhere. It is not refused for that, but for what a
/// generator of secrets hardly ever makes.
enum ForeignReference {
    /// - Parameter text: as the table has it, with a NUL in place of each `${NAME}`.
    static func stands(in text: [UInt8], of kind: ValueKind) -> Bool {
        let text = text.withoutOuterBlanks
        guard hasMarks(text) else { return false }
        switch kind {
        case .text, .name: return isWhole(text, isSecret: false)
        case .address: return isWhole(text, isSecret: false) || isInside(text) || text.has("://$") || text.has("{")
        // A secret may stand behind "Bearer".
        case .secret:
            return isInside(text) || text.split(separator: 0x20).contains { isWhole($0, isSecret: true) }
                || isWhole(text, isSecret: true)
        }
    }

    /// Whether a key of a mapping has a reference: not even `${NAME}` is replaced there.
    static func stands(inKey key: String) -> Bool {
        let key = Array(key.utf8)[...]
        return key.has("${") || isWhole(key, isSecret: false)
    }

    /// - Parameter isSecret: no text for people and no name, so that more is certain.
    static func isWhole(_ text: ArraySlice<UInt8>, isSecret: Bool) -> Bool {
        guard hasMarks(text) else { return false }
        return isVariable(text) || isEnclosed(text) || readsEnvironment(text, isSecret: isSecret)
            || namesStoreOfSecrets(text) || isSecret && namesPlace(text)
    }

    /// No reference is made of letters, digits, `_` and `-` alone, as most values are.
    private static func hasMarks(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains { !$0.isOfVariableName && $0 != UInt8(ascii: "-") }
    }
}

// MARK: - Forms

extension ForeignReference {
    /// `$NAME`, and `$env:NAME` of PowerShell.
    private static func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "$"), let first = text.dropFirst().first, !first.isDigit else { return false }
        return text.dropFirst().allSatisfy { $0.isOfVariableName || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
    }

    private static let brackets = [
        ("${", "}"), ("$(", ")"), ("$[", "]"), ("#{", "}"), ("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("((", "))"),
        ("[[", "]]"), ("%{", "}"), ("%(", ")s"), ("ENC[", "]"), ("ENC(", ")"), ("@Microsoft.KeyVault(", ")"),
    ]
    /// These have nothing but a name inside: `%NAME%`, `{env.NAME}`.
    private static let narrowBrackets = [("%", "%"), ("{", "}")]

    private static func isEnclosed(_ text: ArraySlice<UInt8>) -> Bool {
        brackets.contains { text.inside($0) != nil }
            || narrowBrackets.contains { text.inside($0)?.allSatisfy(isOfPath) ?? false }
    }

    private static func isOfPath(_ byte: UInt8) -> Bool { byte.isOfVariableName || ".:$-()".utf8.contains(byte) }

    /// `os.environ["NAME"]`, `process.env.NAME`, `ENV['NAME']`, `env:NAME`.
    private static func readsEnvironment(_ text: ArraySlice<UInt8>, isSecret: Bool) -> Bool {
        let folded = text.drop { "$@".utf8.contains($0) }.map { $0.isUppercase ? $0 | 0x20 : $0 }
        if programs.contains(where: { folded.starts(with: $0.utf8) }) { return true }
        let rest = text.suffix(folded.count).dropFirst(3)
        guard folded.starts(with: "env".utf8), let mark = rest.first, ".:/[({".utf8.contains(mark) else { return false }
        // A note may be "env:prod".
        return isSecret || rest.contains(where: \.isUppercase) && !rest.contains { $0.isLetter && !$0.isUppercase }
    }

    private static let programs = [
        "os.environ", "os.getenv", "os.env.", "process.env", "import.meta.env", "deno.env", "bun.env", "system.getenv",
        "system.env.", "std::env", "getenv(", "env::var",
    ]

    /// Where nothing but secrets is kept, so no value of any kind can mean what is written.
    private static func namesStoreOfSecrets(_ text: ArraySlice<UInt8>) -> Bool {
        ["op://", "vault://", "/run/secrets/"].contains { text.starts(with: $0.utf8) }
            || text.starts(with: "arn:".utf8) && (text.has(":secretsmanager:") || text.has(":ssm:"))
    }

    /// No secret begins with the scheme of a place: `vault:secret/key`, `arn:aws:…`, `file:///run/key`. Nor with what
    /// marks a tag or a command: "!secret name", "`cat name`".
    private static func namesPlace(_ text: ArraySlice<UInt8>) -> Bool {
        if text.has("://") || text.starts(with: "projects/".utf8) && text.has("/secrets/") { return true }
        if let first = text.first, "!`".utf8.contains(first), text.contains(0x20) { return true }
        let word = text.prefix { $0 != UInt8(ascii: ":") }
        guard word.count < text.count else { return false }
        return ["arn", "aws", "cmd", "exec", "file", "op", "ref", "sm", "ssm"].contains { word.elementsEqual($0.utf8) }
            || ["keychain", "keyring", "kms", "secret", "vault"].contains { word.has($0) }
    }
}

// MARK: - Inside

extension ForeignReference {
    /// A reference with other text around it: `Bearer $NAME`, `sk-{{ name }}`.
    private static func isInside(_ text: ArraySlice<UInt8>) -> Bool {
        [("{{", "}}"), ("<%", "%>"), ("$(", ")")].contains { text.has($0.0, before: $0.1) }
            || text.has("os.environ") || text.has("process.env") || hasVariable(text)
    }

    /// A dollar sign that begins a word, with a name as variables have it: capitals only behind anything but a blank.
    private static func hasVariable(_ text: ArraySlice<UInt8>) -> Bool {
        var last: UInt8 = 0x20
        for index in text.indices {
            defer { last = text[index] }
            guard text[index] == UInt8(ascii: "$"), !last.isOfVariableName else { continue }
            let name = text[(index + 1)...].prefix { $0.isOfVariableName }
            guard let first = name.first, !first.isDigit else { continue }
            let isCapital = name.count >= 3 && !name.contains { $0.isLetter && !$0.isUppercase }
            if isCapital || last == 0x20 && index > text.startIndex { return true }
        }
        return false
    }
}

extension ArraySlice<UInt8> {
    /// What stands between two marks at the ends; nil without them, or if there is nothing between.
    fileprivate func inside(_ marks: (String, String)) -> ArraySlice<UInt8>? {
        let (opening, closing) = (marks.0.utf8, marks.1.utf8)
        guard count > opening.count + closing.count, starts(with: opening),
            suffix(closing.count).elementsEqual(closing)
        else { return nil }
        return dropFirst(opening.count).dropLast(closing.count)
    }

    fileprivate func has(_ mark: String) -> Bool { end(of: mark) != nil }

    fileprivate func has(_ opening: String, before closing: String) -> Bool {
        end(of: opening).map { self[$0...].has(closing) } ?? false
    }

    /// The offset behind the first place where the mark stands.
    private func end(of mark: String) -> Int? {
        let mark = Array<UInt8>(mark.utf8)
        var index = startIndex
        while index + mark.count <= endIndex {
            if self[index..<index + mark.count].elementsEqual(mark) { return index + mark.count }
            index += 1
        }
        return nil
    }
}
