import JSONBytes

/// Tells whether a string names what the provider has stored, under the owner's token.
enum StoredName {
    /// No name is longer. In bytes.
    private static let longest = 100

    /// What Qwen takes for a file wherever it stands, even at the beginning of a prompt.
    static func isQwenFile(_ string: JSONText) -> Bool {
        guard let first = string.raw.first, first <= 0x20 || first == UInt8(ascii: "\\") || first | 0x20 == 0x66 else {
            return false
        }
        return string.beginning(longest).withBytes { $0.withoutOuterBlanks.hasLoosePrefix("fileid://") }
    }

    /// Of a string where a file or its address belongs.
    /// - Parameter isAttachment: whether a name may be any word.
    static func isName(_ string: JSONText, isAttachment: Bool) -> Bool {
        let isShort = string.raw.count <= longest
        return string.beginning(longest).withBytes { bytes in
            let text = bytes.withoutOuterBlanks
            guard !text.hasLoosePrefix("data:") else { return false }
            let isWord = isShort && !text.isEmpty && text.allSatisfy(\.isOfName)
            return isWord && (isAttachment || text.hasLoosePrefix("file-") || text.hasLoosePrefix("file_"))
                || text.isStoredURI
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    /// The word is in lower case.
    fileprivate func hasLoosePrefix(_ word: StaticString) -> Bool {
        prefix(word.utf8CodeUnitCount).elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
    }

    /// Whether it is an address that isn't the web's, such as `gs://` or `ms://`, or one of Gemini's files.
    fileprivate var isStoredURI: Bool {
        if hasLoosePrefix("https://generativelanguage.googleapis.com/") { return true }
        let scheme = prefix { $0.isOfName }
        let isURI = !scheme.isEmpty && self[scheme.endIndex...].hasLoosePrefix("://")
        return isURI && !hasLoosePrefix("http://") && !hasLoosePrefix("https://")
    }
}

extension UInt8 {
    fileprivate var isOfName: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
