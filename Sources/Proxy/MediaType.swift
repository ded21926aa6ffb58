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
}
