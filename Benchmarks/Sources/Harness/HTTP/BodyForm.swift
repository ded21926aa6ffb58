/// The content of a request's body of at least `--prompt-bytes`. All except the first are made to be expensive, as a
/// hostile caller's could be.
enum BodyForm: String, CaseIterable {
    /// One message of prose.
    case prose
    case members, names, marks, escapedNames, numbers, lists, objects, strings, escapes, unicodeEscapes, nesting
    case longNames, longEscapes, fallbacks, files, switches, noTools
    case tools, parts, references, options, otherOptions, streams, pictures, model, accents, spaces

    /// The text before the repeated part, the repeated part, and the text after it.
    private var parts: (head: String, repeated: String, tail: String) {
        let deep = 400
        return switch self {
        case .prose: ("", "", "")
        case .members: ("{", #""abc":0,"#, #""z":0}"#)
        case .names: ("{", #""İİ":0,"#, #""z":0}"#)
        case .marks: (#"{"a"#, "\u{301}\u{316}", #"":0}"#)
        case .escapedNames: ("{", #""\u0061":0,"#, #""z":0}"#)
        case .longNames: ("{", "\"\(String(repeating: "_", count: 32))\":0,", #""z":0}"#)
        case .longEscapes: ("{", "\"\(String(repeating: #"\u005f"#, count: 20))\":0,", #""z":0}"#)
        case .fallbacks: ("{", "\"\(String(repeating: "_", count: 23))fallbacks\":0,", #""z":0}"#)
        case .files: (#"{"messages":["#, "{\"url\":\"\(String(repeating: "iVBORw0KGgoAAAAN", count: 64))\"},", "0]}")
        case .switches: (#"{"web_search_options":["#, "0,", "0]}")
        case .noTools: (#"{"tools":["#, "null,", "null]}")
        case .numbers: (#"{"messages":["#, "0,", "0]}")
        case .lists: (#"{"messages":["#, "[],", "0]}")
        case .objects: (#"{"messages":["#, #"{"a":1},"#, "0]}")
        case .strings: (#"{"messages":["#, #""","#, "0]}")
        case .escapes: (#"{"messages":[""#, #"\""#, #""]}"#)
        case .unicodeEscapes: (#"{"messages":[""#, #"\u0041"#, #""]}"#)
        case .nesting:
            (
                #"{"messages":["#, String(repeating: "[", count: deep) + String(repeating: "]", count: deep) + ",",
                "0]}"
            )
        case .tools: (#"{"tools":["#, #"{"type":"a"},"#, #"{"type":"a"}]}"#)
        case .parts: (#"{"messages":["#, #"{"type":"text","text":"a"},"#, "0]}")
        case .references: (#"{"input":["#, #"{"id":"a"},"#, "0]}")
        case .options: (#"{"stream_options":{"#, #""include_usage":0,"#, #""z":0}}"#)
        case .otherOptions: ("{", #""stream_options":0,"#, #""z":0}"#)
        case .streams: ("{", #""stream":0,"#, #""z":0}"#)
        case .pictures: (#"{"messages":[{"url":"data:image/png;base64,"#, "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB", #""}]}"#)
        case .model: (#"{"model":""#, "\u{301}\u{316}", #""}"#)
        case .accents: (#"{"messages":[""#, "é", #""]}"#)
        case .spaces: (#"{"messages":["#, " \n", "0]}")
        }
    }

    /// How much the repeated part counts against the proxy's limit of 524,288, where a number counts 1 and anything else 8.
    private var values: Int {
        switch self {
        case .numbers, .switches, .noTools: 1
        case .lists, .strings: 8
        // In a name that is long or has escapes, each byte counts as much as a number.
        case .escapedNames: 9 + 6
        case .longEscapes: 9 + 120
        case .members, .names, .longNames, .fallbacks, .options, .otherOptions, .streams: 9
        case .objects: 17
        case .tools, .references, .files: 24
        case .parts: 40
        case .nesting: 3200
        default: 0
        }
    }

    /// - Parameter prose: fills the rest when there would be too many values.
    func body(bytes: Int, _ prose: (_ bytes: Int) -> String) -> String {
        let (head, repeated, tail) = parts
        let most = values == 0 ? Int.max : 524_000 / values
        let text = String(repeating: repeated, count: min(bytes / repeated.utf8.count + 1, most))
        let rest = bytes - text.utf8.count
        let filling = rest > 0 ? "\"x\":\(prose(rest))," : ""
        return "{" + filling + head.dropFirst() + text + tail
    }
}
