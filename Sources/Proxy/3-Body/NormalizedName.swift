import JSONBytes

/// The name of a member, normalized as loosely as any server might read it: only its letters and digits, in lower case.
/// Go's JSON decoder reads `MODEL` as `model` and `modelſ` as `models`, its second version ignores `_` and `-`, and
/// protobuf's reads `webSearch` as `web_search`.
///
/// Reading a name takes only a few instructions per byte, since callers can send any number of names.
struct NormalizedName {
    /// The longest name, in letters, and in bytes together with other characters. Longer than any name that a server
    /// knows.
    private static let (longest, longestWritten) = (64, 128)

    /// ASCII, in lower case.
    private var letters = InlineArray<64, UInt8>(repeating: 0)
    /// 0 for a name that is too long, which no server knows.
    private var count = 0

    init(_ key: JSONKey) { self.init(key.bytes) }

    init(_ text: JSONText) {
        // An escape has at most six bytes for each byte that it stands for.
        self = text.raw.count <= Self.longestWritten * 6 ? text.withBytes { NormalizedName($0) } : NormalizedName([])
    }

    init(_ name: some Collection<UInt8>) {
        guard name.count <= Self.longestWritten else { return }
        // The bytes so far of a non-ASCII character, which may be one that Go reads as an ASCII letter; 0 if there are
        // none.
        var begun: UInt32 = 0
        for byte in name {
            var letter = byte
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter = byte | 0x20
            case 0..<0x80:
                begun = 0
                continue
            case 0xBF where begun == 0xC5: letter = UInt8(ascii: "s")  // U+017F, a long s
            case 0xAA where begun == 0xE284: letter = UInt8(ascii: "k")  // U+212A, the sign for kelvin
            default:
                begun = byte >= 0xC0 ? UInt32(byte) : begun << 8 | UInt32(byte)
                continue
            }
            begun = 0
            guard count < Self.longest else {
                count = 0
                return
            }
            letters[count] = letter
            count &+= 1
        }
    }

    static func == (name: NormalizedName, word: StaticString) -> Bool {
        name.count == word.utf8CodeUnitCount && name.hasSuffix(word)
    }

    static func ~= (word: StaticString, name: NormalizedName) -> Bool { name == word }

    func hasPrefix(_ word: StaticString) -> Bool {
        let word = word.utf8Bytes
        return word.count <= count && word.indices.allSatisfy { letters[$0] == word[$0] }
    }

    func hasSuffix(_ word: StaticString) -> Bool {
        let word = word.utf8Bytes
        let start = count - word.count
        return start >= 0 && word.indices.allSatisfy { letters[start &+ $0] == word[$0] }
    }

    /// Whether a server might take the model from a member of this name.
    var choosesModel: Bool {
        self == "model" || self == "models" || hasSuffix("fallbacks") || self == "extrabody" || self == "preset"
    }
}
