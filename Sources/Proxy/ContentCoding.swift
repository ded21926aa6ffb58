import JSONBytes

/// What a `Content-Encoding` field says that was done to a body.
enum ContentCoding {
    /// IANA's HTTP Content Coding Registry without `identity`. Whatever else servers write there (`none`, `utf-8`,
    /// `binary`) names nothing that would have to be undone.
    private static let names: [StaticString] = [
        "gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip",
        "aes128gcm",
    ]

    /// The field, if one of the codings in its list changes the bytes of a body; else nil.
    static func changingBytes(_ field: String?) -> String? {
        guard let field else { return nil }
        let codings = field.utf8.split(separator: UInt8(ascii: ","))
        let isReal = codings.contains { coding in
            let name = coding.prefix { $0 != UInt8(ascii: ";") }.withoutOuterBlanks
            return names.contains { name.elementsEqual($0.utf8Bytes, by: UInt8.isSameLetter) }
        }
        return isReal ? field : nil
    }
}
