import Digests
import JSONBytes

/// Text that callers or providers choose, made safe for the log: short, on one line, and without keys.
struct LogText {
    let text: String

    /// Replaces a key.
    private static let mark = Array("[redacted]".utf8)
    /// How much is examined beyond what may be kept, since most keys become shorter when they are replaced. In bytes.
    private static let margin = 1024

    /// - Parameters:
    ///   - longest: in scalars.
    ///   - guesses: whether words that only look like a key are replaced too. Not for texts from the owner.
    init(_ words: String, longest: Int, without keys: RequestKeys, guesses: Bool = true) {
        var digests = RequestKeys.mostDigests
        let (bytes, isCut) = Self.beginning(of: words.utf8, 4 * longest + Self.margin, without: keys, &digests)
        var output: [UInt8] = []
        var rest = bytes[...]
        var scalars = 0
        while let first = rest.first, scalars <= longest {
            let word = rest.prefix { $0.isKeyByte }
            rest = rest[word.endIndex...]
            guard !word.isEmpty else {
                output.append(first < 0x20 || first == 0x7F ? 0x20 : first)
                rest.removeFirst()
                scalars += 1
                continue
            }
            // A short piece of a word can't be recognized as part of a key.
            if isCut, rest.isEmpty, word.count < KnownKeys.searched.upperBound { break }
            let shown = Self.isKey(word, keys, guesses: guesses, &digests) ? Self.mark[...] : word
            output += shown
            scalars += shown.count { $0 & 0xC0 != 0x80 }
        }
        text = String(decoding: output, as: UTF8.self).shortened(to: longest, isCut: isCut)
    }

    /// The first bytes, with the keys that begin there replaced, even inside a word: a key may contain slashes, and so
    /// look like parts of a path.
    private static func beginning(
        of text: String.UTF8View, _ most: Int, without keys: RequestKeys, _ digests: inout Int
    ) -> (bytes: [UInt8], isCut: Bool) {
        let source = Array(text.prefix(most + KnownKeys.searched.upperBound))
        var bytes: [UInt8] = []
        var index = 0
        for range in keys.ranges(in: source, digests: &digests) where range.lowerBound < most {
            bytes += source[index..<range.lowerBound] + mark
            index = range.upperBound
        }
        let end = max(index, min(most, source.count))
        return (bytes + source[index..<end], end < text.count)
    }

    private static func isKey(
        _ word: ArraySlice<UInt8>, _ keys: RequestKeys, guesses: Bool, _ digests: inout Int
    ) -> Bool {
        // The end of a sentence isn't part of a key.
        let word = word.last == UInt8(ascii: ".") ? word.dropLast() : word
        if keys.contain(word) || guesses && KeyShape.fits(word) { return true }
        guard word.contains(UInt8(ascii: "%")) else { return false }
        let decoded = PercentEncoding.decode(word)
        return keys.contain(decoded[...]) || guesses && KeyShape.fits(decoded[...])
            || !keys.ranges(in: decoded, digests: &digests).isEmpty
    }
}

/// What keys look like, as opposed to names.
enum KeyShape {
    static func fits(_ word: ArraySlice<UInt8>) -> Bool {
        if hasKnownBeginning(word) { return true }
        guard word.count >= longestPart else { return false }
        return hasLongMixedPart(word) || isMixedThroughout(word)
    }

    /// Whether the word, or a part of it, begins like a key.
    private static func hasKnownBeginning(_ word: ArraySlice<UInt8>) -> Bool {
        var isInPart = false
        for index in word.indices {
            defer { isInPart = word[index].isLetter || word[index].isDigit }
            guard !isInPart else { continue }
            let part = word[index...]
            let isKey = prefixes.contains { prefix in
                prefix.utf8Start[0] == word[index] && part.count >= prefix.utf8CodeUnitCount + 8
                    && part.starts(with: prefix.utf8Bytes)
            }
            if isKey { return true }
        }
        return false
    }

    /// The prefixes of OpenAI, Anthropic and many others, Groq, xAI, Hugging Face, Google, AWS, GitHub, GitLab, Slack,
    /// Replicate, Perplexity, NVIDIA, Together, Cerebras, Fireworks, and of JSON Web Tokens.
    private static let prefixes: [StaticString] = [
        "sk-", "pk-", "rk-", "sk_", "pk_", "rk_", "gsk_", "xai-", "hf_", "AIza", "ya29.", "AKIA", "ASIA", "ABSK",
        "ghp_",
        "gho_", "ghu_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "r8_", "pplx-", "nvapi-", "tgp_v1_", "csk-",
        "fw_", "eyJ",
    ]

    /// The parts of model names are shorter, or have only letters or only digits: `claude-3-5-sonnet-20241022`.
    private static let longestPart = 20

    private static func hasLongMixedPart(_ word: ArraySlice<UInt8>) -> Bool {
        word.split { !$0.isLetter && !$0.isDigit }.contains {
            $0.count >= longestPart && $0.contains(where: \.isLetter) && $0.contains(where: \.isDigit)
        }
    }

    /// Whether letters and digits alternate as often as in random text. In a name such as `llama-v3p1-405b-instruct`,
    /// there is less than one change for every four characters.
    private static func isMixedThroughout(_ word: ArraySlice<UInt8>) -> Bool {
        let changes = zip(word, word.dropFirst()).count {
            $0.isLetter && $1.isDigit || $0.isDigit && $1.isLetter
        }
        return changes * 4 >= word.count
    }
}

extension String {
    /// The beginning of a text, with an ellipsis if that isn't all.
    /// - Parameter isCut: whether something is missing already.
    func shortened(to scalars: Int, isCut: Bool = false) -> String {
        let kept = unicodeScalars.prefix(scalars)
        return kept.endIndex < endIndex || isCut ? String(kept) + "…" : self
    }
}
