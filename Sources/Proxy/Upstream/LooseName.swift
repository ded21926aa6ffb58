import JSONBytes

/// The name of a member as loosely as any server might read it. Go's JSON takes `MODEL` for `model`, and gateways choose
/// from `models` and `fallbacks`.
struct LooseName {
    /// In lower case, and with a long s for what it looks like to Go. A long name is left as it is: it stands for nothing.
    let folded: String

    init(_ key: String) {
        let isPlain = key.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        folded = isPlain || key.utf8.count > 64 ? key : String(key.lowercased().map { $0 == "ſ" ? "s" : $0 })
    }

    /// Whether a server might take the model from there.
    var choosesModel: Bool {
        guard folded.utf8.count >= 5 else { return false }
        let letters = folded.filter { !$0.isWhitespace }
        return letters == "model" || letters == "models" || letters.hasSuffix("fallbacks") || letters == "extra_body"
    }

    /// Whether a tool has a model of its own, as that of the Responses API which makes images.
    static func hasModel(inTools reader: inout JSONReader) throws(JSONError) -> Bool {
        guard try reader.peekKind() == .array else {
            try reader.skipValue()
            return false
        }
        var hasModel = false
        try reader.readArray { reader throws(JSONError) in
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            try reader.readObject { key, reader throws(JSONError) in
                hasModel = hasModel || LooseName(key).choosesModel
                try reader.skipValue()
            }
        }
        return hasModel
    }
}
