import JSONBytes

/// Makes the text of an error safe to show.
enum BedrockErrorText {
    /// The rest of a longer text isn't shown. In Unicode scalars.
    private static let longest = 2000

    /// Replaces white space and control characters between words with one space.
    static func cleaned(_ text: String, longest: Int = longest) -> String {
        String(oneLine: text.unicodeScalars.prefix(longest))
    }

    /// Replaces ARNs, which contain the number of the account, and numbers of accounts.
    static func withoutAccounts(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let rest = bytes[index...]
            if rest.starts(with: "arn:aws".utf8) {
                // Punctuation at the end belongs to the sentence.
                let end = rest.prefix { isInARN($0) }.lastIndex { !".,:".utf8.contains($0) } ?? index
                output += "[ARN]".utf8
                index = end + 1
            } else {
                let digits = rest.prefix { $0.isDigit }
                let shown = digits.isEmpty ? rest.prefix(1) : digits
                output += digits.count == 12 ? Array("[account]".utf8)[...] : shown
                index += shown.count
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Drops the canonical request, which AWS appends when it refuses a signature.
    static func withoutCanonicalString(_ text: String) -> String {
        for mark in ["The Canonical String", "The String-to-Sign"] {
            guard let offset = offset(of: mark, in: text) else { continue }
            return cleaned(String(decoding: text.utf8.prefix(offset), as: UTF8.self))
        }
        return text
    }

    /// Replaces words of 32 and more characters of base64 or hexadecimal digits, which may be a signature or a token.
    static func withoutSecrets(_ text: String) -> String {
        var output: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let first = rest.first {
            let word = rest.prefix { isInToken($0) }
            output += word.count >= 32 ? Array("[redacted]".utf8)[...] : word.isEmpty ? [first] : word
            rest = rest.dropFirst(max(word.count, 1))
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Where one text begins in another. In bytes.
    static func offset(of words: String, in text: String) -> Int? {
        let (words, text) = (Array(words.utf8), Array(text.utf8))
        guard words.count <= text.count else { return nil }
        return (0...text.count - words.count).first { text[$0...].starts(with: words) }
    }

    private static func isInARN(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || ":/._-+=@*,".utf8.contains(byte)
    }

    private static func isInToken(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "+/=_-".utf8.contains(byte)
    }
}
