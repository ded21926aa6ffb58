/// The part of a `Content-Type` that says what it is, without parameters and in lower case.
struct MediaType: Equatable {
    private let essence: String

    init(_ field: String?) {
        let type = field?.prefix { $0 != ";" && $0 != "," } ?? ""
        essence = type.filter { $0 != " " && $0 != "\t" }.lowercased()
    }

    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }
    var isEventStream: Bool { essence == "text/event-stream" }
}
