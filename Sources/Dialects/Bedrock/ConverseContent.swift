import Digests
import JSONBytes

/// The content of messages as Converse's blocks.
struct ConverseContent {
    /// The names of the documents so far, which must differ.
    private var documents = UniqueNames()
    /// How many documents wanted a name that another one had.
    private var repetitions: [String: Int] = [:]

    static func text(_ text: String) -> JSONValue { .object([("text", .string(text))]) }

    /// Text, images and documents. Bedrock demands a text beside a document.
    mutating func user(_ content: JSONSlice?, at place: String, caches: Bool) throws(RequestRefusal) -> [JSONValue] {
        let known = documents.list.count
        let blocks = try parts(content, at: place, caches: caches) { value, part, place throws(RequestRefusal) in
            try value.media(part, at: place)
        }
        guard documents.list.count > known, !blocks.contains(where: \.isText) else { return blocks }
        return [Self.text(documents.list[known...].joined(separator: ", "))] + blocks
    }

    /// Text only.
    mutating func texts(_ content: JSONSlice?, at place: String, caches: Bool) throws(RequestRefusal) -> [JSONValue] {
        try parts(content, at: place, caches: caches) { _, part, place throws(RequestRefusal) in
            guard part["type"]?.word == "refusal" else {
                throw .unsupported("\(place).type", "only text is possible in this role")
            }
            return part["refusal"]?.string.map { $0.isBlank ? [] : [Self.text($0)] } ?? []
        }
    }

    /// The result of a tool, which is never empty.
    mutating func result(_ content: JSONSlice?, at place: String) throws(RequestRefusal) -> [JSONValue] {
        let blocks = try parts(content, at: place, caches: false) { value, part, place throws(RequestRefusal) in
            try value.media(part, at: place)
        }
        return blocks.isEmpty ? [Self.text("(no output)")] : blocks
    }

    /// Anthropic's `cache_control` as a cache point, which caches the prompt up to here.
    static func cachePoint(_ control: JSONSlice?) -> [JSONValue] {
        guard let control, control["type"]?.word == "ephemeral" else { return [] }
        var point: [(key: String, value: JSONValue)] = [("type", .string("default"))]
        if let time = control["ttl"]?.word, ["5m", "1h"].contains(time) { point.append(("ttl", .string(time))) }
        return [.object([("cachePoint", .object(point))])]
    }

    /// Reads a part that isn't text.
    private typealias Reader = (
        _ content: inout ConverseContent, _ part: JSONSlice, _ place: String
    ) throws(RequestRefusal) -> [JSONValue]

    private mutating func parts(
        _ content: JSONSlice?, at place: String, caches: Bool, _ other: Reader
    ) throws(RequestRefusal) -> [JSONValue] {
        guard let content else { return [] }
        if let text = content.string { return text.isBlank ? [] : [Self.text(text)] }
        guard let parts = content.elements else { throw .invalid(place, "a text or a list of parts is expected") }
        var blocks: [JSONValue] = []
        for (index, part) in parts.enumerated() {
            let place = "\(place).\(index)"
            let added: [JSONValue]
            if part["type"]?.word == "text" {
                guard let text = part["text"]?.string else { throw .invalid("\(place).text", "a text is expected") }
                added = text.isBlank ? [] : [Self.text(text)]
            } else {
                added = try other(&self, part, place)
            }
            blocks += added
            if caches, !added.isEmpty { blocks += Self.cachePoint(part["cache_control"]) }
        }
        return blocks
    }
}

// MARK: - Images and documents

extension ConverseContent {
    /// The documents that Converse reads: its name for the format, which is also the ending of a file, and the media type.
    private static let documentFormats: [(format: String, type: String)] = [
        ("csv", "text/csv"), ("doc", "application/msword"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("html", "text/html"), ("md", "text/markdown"), ("pdf", "application/pdf"), ("txt", "text/plain"),
        ("xls", "application/vnd.ms-excel"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ]

    /// - Parameter type: a media type.
    private static func imageFormat(_ type: String) -> String? {
        switch type {
        case "image/png": "png"
        case "image/jpeg", "image/jpg": "jpeg"
        case "image/gif": "gif"
        case "image/webp": "webp"
        default: nil
        }
    }

    private mutating func media(_ part: JSONSlice, at place: String) throws(RequestRefusal) -> [JSONValue] {
        switch part["type"]?.word {
        case "image_url":
            let value = part["image_url"]
            return [try Self.image(value?.string ?? value?["url"]?.string, at: "\(place).image_url.url")]
        case "file": return [try document(part["file"], at: "\(place).file")]
        case nil where part["type"]?.kind != .string: throw .invalid("\(place).type", "a type is expected")
        case let type:
            throw .unsupported(
                "\(place).type", "'\((type ?? "…").prefix(40))' can't be sent; use 'text', 'image_url' or 'file'")
        }
    }

    private static func image(_ url: String?, at place: String) throws(RequestRefusal) -> JSONValue {
        guard let url else { throw .invalid(place, "a URL is expected") }
        guard let data = DataURI(url), let format = imageFormat(data.type) else {
            throw .unsupported(place, "send the image itself as data:image/png;base64,… (or jpeg, gif, webp)")
        }
        return .object([("image", source(data.base64, format, []))])
    }

    private mutating func document(_ file: JSONSlice?, at place: String) throws(RequestRefusal) -> JSONValue {
        guard let text = file?["file_data"]?.string else {
            throw .unsupported(place, "send the document itself in 'file_data', as data:application/pdf;base64,…")
        }
        let name = FileName(file?["filename"]?.string ?? "")
        let data = DataURI(text)
        let known =
            Self.documentFormats.first { $0.type == data?.type }
            ?? Self.documentFormats.first { $0.format == name.ending }
        guard let format = known?.format else {
            throw .unsupported(
                place, "its format must be one of \(Self.documentFormats.map(\.format).joined(separator: ", "))")
        }
        let label = uniqueName(name.base)
        return .object([("document", Self.source(data?.base64 ?? text, format, [("name", .string(label))]))])
    }

    private static func source(
        _ base64: String, _ format: String, _ more: [(key: String, value: JSONValue)]
    ) -> JSONValue {
        .object([("format", .string(format))] + more + [("source", .object([("bytes", .string(base64))]))])
    }

    /// The name of a file with only the characters that Bedrock accepts, and unlike those before it.
    private mutating func uniqueName(_ name: Substring) -> String {
        var plain = ""
        for scalar in name.unicodeScalars.prefix(100) {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
            let character = isPlain || "-()[]".unicodeScalars.contains(scalar) ? Character(scalar) : " "
            if character != " " || plain.last != " " { plain.append(character) }
        }
        while plain.first == " " { plain.removeFirst() }
        while plain.last == " " { plain.removeLast() }
        let base = plain.isEmpty ? "document" : plain
        var candidate = base
        // The numbers that were tried before are skipped, so that many documents with one name take no longer.
        var number = repetitions[base] ?? 1
        while !documents.insert(candidate) {
            number += 1
            candidate = "\(base) \(number)"
        }
        repetitions[base] = number
        return candidate
    }
}

/// Names in their order, each once. They must be ASCII: see `JSONSlice.word`.
struct UniqueNames {
    private(set) var list: [String] = []
    private var all: Set<String> = []

    /// - Returns: false if it is there already.
    mutating func insert(_ name: String) -> Bool {
        guard all.insert(name).inserted else { return false }
        list.append(name)
        return true
    }

    func contains(_ name: String) -> Bool { all.contains(name) }
}

/// The name of a file, in two parts.
private struct FileName {
    private static let longestEnding = 8

    /// Without the ending.
    let base: Substring
    /// What is behind the last dot, or everything if there is none, in lower case; empty if it is long or not ASCII.
    let ending: String

    init(_ name: String) {
        let dot = name.utf8.lastIndex(of: UInt8(ascii: "."))
        base = name[..<(dot ?? name.endIndex)]
        let letters = name.utf8[(dot.map(name.utf8.index(after:)) ?? name.startIndex)...].prefix(Self.longestEnding + 1)
        let isShort = letters.count <= Self.longestEnding && letters.allSatisfy { $0 < 0x80 }
        ending = isShort ? String(Substring(letters)).lowercased() : ""
    }
}

/// `data:<type>;base64,<data>`, RFC 2397.
struct DataURI {
    /// Of everything in front of the data, in bytes.
    private static let longestHead = 256

    /// In lower case, without parameters.
    let type: String
    let base64: String

    init?(_ url: String) {
        let bytes = url.utf8
        guard bytes.prefix(5).elementsEqual("data:".utf8, by: { $0 | 0x20 == $1 | 0x20 }),
            let comma = bytes.prefix(Self.longestHead).firstIndex(of: UInt8(ascii: ",")),
            bytes[..<comma].allSatisfy({ $0 < 0x80 })
        else { return nil }
        let head = Substring(bytes[..<comma].dropFirst(5)).lowercased()
        guard head.hasSuffix(";base64") else { return nil }
        type = String(head.prefix { $0 != ";" })
        base64 = String(Substring(bytes[bytes.index(after: comma)...]))
    }
}

/// An id of a tool call in the form that Bedrock accepts.
enum ToolID {
    private static let longest = 64

    /// The id itself, or one derived from it. The same id always gives the same result, so that calls and their results
    /// still match.
    static func accepted(_ id: String) -> String {
        let isPlain = { (byte: UInt8) in
            byte.isLetter || byte.isDigit || "_.:-".utf8.contains(byte)
        }
        if id.utf8.count <= longest, id.utf8.allSatisfy(isPlain) { return id }
        return "call_" + Hexadecimal.encode(Array(SHA256.digest(of: Array(id.utf8)).prefix(16)))
    }
}

extension String {
    /// Whether the text is empty or only white space, which Converse refuses.
    var isBlank: Bool { unicodeScalars.allSatisfy(\.isWhiteSpace) }

    var withoutTrailingWhiteSpace: String {
        guard let last = unicodeScalars.lastIndex(where: { !$0.isWhiteSpace }) else { return "" }
        return String(unicodeScalars[...last])
    }
}

extension Unicode.Scalar {
    /// White space to Unicode, Java or Python. `properties` takes several times as long.
    fileprivate var isWhiteSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }
}

extension JSONValue {
    fileprivate var isText: Bool { isBlock("text") }
    var isCachePoint: Bool { isBlock("cachePoint") }

    private func isBlock(_ name: String) -> Bool {
        guard case .object(let members) = self else { return false }
        return members.first?.key == name
    }
}
