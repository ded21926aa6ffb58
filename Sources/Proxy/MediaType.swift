/// The part of a `Content-Type` that says what it is, without parameters and in lower case.
struct MediaType: Equatable {
    private let essence: String

    init(_ field: String?) {
        var letters: [UInt8] = []
        for byte in (field ?? "").utf8 {
            if byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") { break }
            guard byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") else { continue }
            letters.append((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
        }
        essence = String(decoding: letters, as: UTF8.self)
    }

    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }
    var isEventStream: Bool { essence == "text/event-stream" }

    /// A picture, a sound and the like.
    var isMedia: Bool {
        !essence.hasSuffix("+xml") && ["image/", "audio/", "video/", "font/"].contains { essence.hasPrefix($0) }
    }

    /// Whether it can't be a text, so that nobody looks for words in it.
    var isBinary: Bool {
        isMedia
            || ["application/octet-stream", "application/pdf", "application/zip", "application/gzip"].contains(essence)
    }
}
