/// The part of a `Content-Type` that says what it is, without parameters and in lower case.
struct MediaType: Equatable {
    private let essence: String

    init(_ field: String?) {
        let type = (field ?? "").utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: ",") }
        let letters = type.lazy.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        essence = String(decoding: letters.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }
    var isEventStream: Bool { essence == "text/event-stream" }
}
