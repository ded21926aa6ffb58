import JSONBytes

/// The name of a member, normalized as loosely as any server might read it: its letters and digits. Go's JSON takes
/// `MODEL` for `model` and `modelſ` for `models`, its second version skips `_` and `-`, and protobuf's takes
/// `webSearch` for `web_search`.
///
/// Read byte by byte, with no more than a few instructions for each: callers may name a member as they like.
struct NormalizedName {
    /// Longer than any name that a server knows, in letters; and with all else that stands among them, in bytes.
    private static let (longest, longestWritten) = (64, 128)

    /// ASCII, in lower case.
    private var letters = InlineArray<64, UInt8>(repeating: 0)
    /// None for a name that is too long: it stands for nothing.
    private var count = 0

    init(_ key: JSONKey) { self.init(key.bytes) }

    init(_ text: JSONText) {
        // What an escape stands for has a sixth of its bytes at least.
        self = text.raw.count <= Self.longestWritten * 6 ? text.withBytes { NormalizedName($0) } : NormalizedName([])
    }

    init(_ name: some Collection<UInt8>) {
        guard name.count <= Self.longestWritten else { return }
        // The bytes before the last of a letter that Go takes for an ASCII one; 0 if there is none.
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

    /// Whether a server might take the model from there.
    var choosesModel: Bool {
        self == "model" || self == "models" || hasSuffix("fallbacks") || self == "extrabody" || self == "preset"
    }
}
