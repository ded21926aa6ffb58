import Proxy

/// Finds references that other tools would replace, but the proxy doesn't: `$NAME`, `os.environ/NAME`, `{{ NAME }}`,
/// `op://vault/item`. If such a text were used as a secret, anybody could guess it and get in.
///
/// A real secret may contain dollar signs, braces and percent signs. So a text is refused only for a form that a secret
/// generator hardly ever produces.
enum ForeignReference {
    /// - Parameter text: the text as written in the table, with a NUL in place of each `${NAME}`.
    static func stands(in text: [UInt8], of kind: ValueKind) -> Bool {
        let text = text.withoutOuterBlanks
        guard hasMarks(text) || kind == .secret else { return false }
        switch kind {
        case .text, .name: return isWhole(text, isSecret: false)
        case .address:
            return isWhole(text, isSecret: false) || isInside(text, isSecret: false) || text.has("://$")
                || text.has("{")
        // A secret may follow "Bearer ".
        case .secret:
            return isInside(text, isSecret: true)
                || text.split(separator: 0x20).contains { isWhole($0, isSecret: true) }
                || isWhole(text, isSecret: true)
        }
    }

    /// Whether a mapping's key contains a reference. In keys, not even `${NAME}` is replaced.
    static func stands(inKey key: String) -> Bool {
        let key = Array(key.utf8)[...]
        return key.has("${") || isWhole(key, isSecret: false)
    }

    /// - Parameter isSecret: the value is a secret, neither a name nor text for people, so more forms can be refused.
    static func isWhole(_ text: ArraySlice<UInt8>, isSecret: Bool) -> Bool {
        guard hasMarks(text) else { return isSecret && isUnderlined(text) }
        return isVariable(text) || isEnclosed(text) || readsEnvironment(text, isSecret: isSecret)
            || namesStoreOfSecrets(text) || isSecret && (namesPlace(text) || namesValue(text))
    }

    /// Most values consist of letters, digits, `_` and `-` alone. Such a text is no reference, unless it is `__NAME__`.
    private static func hasMarks(_ text: ArraySlice<UInt8>) -> Bool {
        text.contains { !$0.isOfVariableName && $0 != UInt8(ascii: "-") }
    }
}

// MARK: - Forms

extension ForeignReference {
    /// `$NAME`, `$$NAME`, PowerShell's `$env:NAME`, `$config.apiKey`. Generated secrets mix upper case, lower case and
    /// digits in ways that names don't.
    private static func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
        let marks = text.prefix { "$\\".utf8.contains($0) }
        guard marks.last == UInt8(ascii: "$") else { return false }
        let names = text[marks.endIndex...].split(omittingEmptySubsequences: false) { ".:".utf8.contains($0) }
        return names.allSatisfy { $0.isCapitalName || $0.isSmallName || $0.isCamelName }
    }

    /// `__NAME__`, a form that deployment tools use.
    private static func isUnderlined(_ text: ArraySlice<UInt8>) -> Bool {
        text.inside(("__", "__"))?.isCapitalName ?? false
    }

    private static let brackets = [
        ("${", "}"), ("$(", ")"), ("$[", "]"), ("#{", "}"), ("{{", "}}"), ("{%", "%}"), ("<%", "%>"), ("((", "))"),
        ("[[", "]]"), ("%{", "}"), ("%(", ")s"), ("ENC[", "]"), ("ENC(", ")"), ("@Microsoft.KeyVault(", ")"),
    ]
    /// These brackets count only around a bare name: `%NAME%`, `{env.NAME}`.
    private static let narrowBrackets = [("%", "%"), ("%%", "%%"), ("{", "}")]

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

    /// Names a place that holds nothing but secrets. That is a reference in any kind of value.
    private static func namesStoreOfSecrets(_ text: ArraySlice<UInt8>) -> Bool {
        ["op://", "vault://", "/run/secrets/"].contains { text.starts(with: $0.utf8) }
            || text.starts(with: "arn:".utf8) && (text.has(":secretsmanager:") || text.has(":ssm:"))
    }

    /// No secret begins with a scheme, such as `vault:secret/key`, `arn:aws:…` or `file:///run/key`, or with the mark
    /// of a tag or a command: "!secret name", "`cat name`".
    private static func namesPlace(_ text: ArraySlice<UInt8>) -> Bool {
        if text.has("://") || text.starts(with: "projects/".utf8) && text.has("/secrets/") { return true }
        if let first = text.first, "!`".utf8.contains(first), text.contains(0x20) { return true }
        let word = text.prefix { $0 != UInt8(ascii: ":") }
        guard word.count < text.count else { return false }
        return ["arn", "aws", "cmd", "exec", "file", "op", "ref", "sm", "ssm"].contains { word.elementsEqual($0.utf8) }
            || ["keychain", "keyring", "kms", "secret", "vault"].contains { word.has($0) }
    }
}

// MARK: - Values of other tools

extension ForeignReference {
    /// Stands for a secret in another tool: `secrets.NAME`, `secret/NAME`, `env_var('NAME')`, `@NAME`, `@file:/run/x`,
    /// `~{NAME}`.
    private static func namesValue(_ text: ArraySlice<UInt8>) -> Bool {
        guard let mark = text.first, let last = text.last else { return false }
        if isCall(text) || isMember(text) || isFolder(text) { return true }
        if text.count >= 3, "@!&*".utf8.contains(mark), text.drop(while: { $0 == mark }).isCapitalName { return true }
        if mark == UInt8(ascii: "@"), namesPlace(text.dropFirst()) || isFile(text.dropFirst()) { return true }
        if mark == UInt8(ascii: "`"), last == mark {
            return text.count > 2 && text.dropFirst().dropLast().allSatisfy { isOfPath($0) || "/ ".utf8.contains($0) }
        }
        return nameBrackets.contains { text.inside($0)?.isName ?? false }
    }

    private static let nameBrackets = [
        ("@@", "@@"), ("@", "@"), ("$$", "$$"), ("#{", "}#"), ("~{", "}"), ("@{", "}"), ("!{", "}"), ("&{", "}"),
        ("*{", "}"), ("^{", "}"), ("?{", "}"), ("@(", ")"), ("!(", ")"), ("~(", ")"), ("<<", ">>"), ("|", "|"),
        ("[", "]"),
    ]

    /// `lookup('env','NAME')`, `fromEnv(NAME)`, `aws_secret(x)`.
    private static func isCall(_ text: ArraySlice<UInt8>) -> Bool {
        let function = text.prefix { $0.isLetter || "_.:".utf8.contains($0) }
        guard function.count >= 3, let arguments = text[function.endIndex...].inside(("(", ")")) else { return false }
        return arguments.allSatisfy { $0.isOfVariableName || "'\"., -/:".utf8.contains($0) }
    }

    /// `secrets.NAME`, `var.api_key`.
    private static func isMember(_ text: ArraySlice<UInt8>) -> Bool {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count >= 2, let last = parts.last else { return false }
        return owners.contains { parts[0].elementsEqual($0.utf8) } && parts.allSatisfy(\.isName)
            && (last.isCapitalName || last.isCamelName || last.contains(UInt8(ascii: "_")))
    }

    private static let owners = [
        "secret", "secrets", "var", "vars", "variables", "local", "data", "config", "inputs", "params", "parameters",
        "environment", "context", "module", "self", "values", "Values", "settings",
    ]

    /// `secret/NAME`, `google_secret/x`, `/vault/secrets/x`.
    private static func isFolder(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.allSatisfy({ isOfPath($0) || $0 == UInt8(ascii: "/") }), text.last != UInt8(ascii: "/") else {
            return false
        }
        if "/.~".utf8.contains(text.first ?? 0), text.has("/secret/") || text.has("/secrets/") { return true }
        let folder = text.prefix { $0 != UInt8(ascii: "/") }
        guard folder.count < text.count, folder.isSmallName else { return false }
        return ["kms", "ssm"].contains { folder.elementsEqual($0.utf8) || folder.has("_\($0)") || folder.has("\($0)_") }
            || ["keychain", "keyring", "secret", "vault"].contains { folder.has($0) }
    }

    /// `/run/x`, `./x.key`.
    private static func isFile(_ text: ArraySlice<UInt8>) -> Bool {
        let isBelow = ["./", "~/", "../"].contains { text.starts(with: $0.utf8) }
        return (isBelow || text.first == UInt8(ascii: "/") && text.dropFirst().contains(UInt8(ascii: "/")))
            && text.allSatisfy { isOfPath($0) || "/~".utf8.contains($0) }
    }
}

// MARK: - Inside

extension ForeignReference {
    /// A reference with other text around it: `Bearer $NAME`, `sk-{{ name }}`.
    private static func isInside(_ text: ArraySlice<UInt8>, isSecret: Bool) -> Bool {
        [("{{", "}}"), ("<%", "%>")].contains { text.has($0.0, before: $0.1) } || hasCommand(text)
            || text.has("os.environ") || text.has("process.env") || hasVariable(text, amongAnything: !isSecret)
    }

    /// `$(NAME)` or `$(command)`. A password may contain brackets too, but not around words.
    private static func hasCommand(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        while let end = rest.end(of: "$(") {
            rest = rest[end...]
            let words = rest.prefix { $0.isOfVariableName || " -./:\"'".utf8.contains($0) }
            if words.count >= 3, rest[words.endIndex...].first == UInt8(ascii: ")") { return true }
        }
        return false
    }

    /// A dollar sign at the beginning of a word, with a variable's name after it. After a space any name counts.
    /// Elsewhere the name must be in capitals and the text around it in small letters, as in `sk-$NAME`; otherwise the
    /// dollar sign may be a character of a password.
    private static func hasVariable(_ text: ArraySlice<UInt8>, amongAnything: Bool) -> Bool {
        var last: UInt8 = 0x20
        var rest = text
        var hasName = false
        var isPlain = true
        while let byte = rest.popFirst() {
            let name = rest.prefix { $0.isOfVariableName }
            if byte == UInt8(ascii: "$"), !last.isOfVariableName, let first = name.first, !first.isDigit {
                if last == 0x20, rest.startIndex > text.startIndex + 1 { return true }
                if name.count >= 3, name.isCapitalName {
                    hasName = true
                    rest = rest[name.endIndex...]
                } else {
                    isPlain = false
                }
            } else if byte.isUppercase || !byte.isLetter && !"-_.:/ \0".utf8.contains(byte) {
                isPlain = false
            }
            last = byte
        }
        return hasName && (isPlain || amongAnything)
    }
}

extension ArraySlice<UInt8> {
    /// The text between an opening and a closing mark; nil if a mark is missing or nothing is between them.
    fileprivate func inside(_ marks: (String, String)) -> ArraySlice<UInt8>? {
        let (opening, closing) = (marks.0.utf8, marks.1.utf8)
        guard count > opening.count + closing.count, starts(with: opening),
            suffix(closing.count).elementsEqual(closing)
        else { return nil }
        return dropFirst(opening.count).dropLast(closing.count)
    }

    fileprivate var isName: Bool { isCapitalName || isSmallName || isCamelName }

    /// Like an environment variable: `API_KEY_2`.
    fileprivate var isCapitalName: Bool {
        guard let first, !first.isDigit, contains(where: \.isLetter) else { return false }
        return allSatisfy { $0.isOfVariableName && (!$0.isLetter || $0.isUppercase) }
    }

    /// `api_key_2`
    fileprivate var isSmallName: Bool {
        guard let first, !first.isDigit else { return false }
        return allSatisfy { $0.isOfVariableName && !$0.isUppercase }
    }

    /// `apiKey`. Each capital must have two small letters after it, which is rare in random letters.
    fileprivate var isCamelName: Bool {
        guard !isEmpty, allSatisfy(\.isLetter) else { return false }
        let humps = split(omittingEmptySubsequences: false) { $0.isUppercase }
        return humps.dropFirst().allSatisfy { $0.count >= 2 } && humps[0].count != 1
    }

    fileprivate func has(_ mark: String) -> Bool { end(of: mark) != nil }

    fileprivate func has(_ opening: String, before closing: String) -> Bool {
        end(of: opening).map { self[$0...].has(closing) } ?? false
    }

    /// The offset after the first occurrence of the mark.
    fileprivate func end(of mark: String) -> Int? {
        let mark = Array<UInt8>(mark.utf8)
        var index = startIndex
        while index + mark.count <= endIndex {
            if self[index..<index + mark.count].elementsEqual(mark) { return index + mark.count }
            index += 1
        }
        return nil
    }
}
