import FoundationEssentials

/// The status and headers of a response, as the caller sees them.
struct ResponseHead: Equatable, Sendable {
    var status: Int
    var headers: [HeaderField]
    /// The length of the body, if it is known.
    var length: Int?

    init(status: Int, headers: [HeaderField]) {
        self.status = status
        self.headers = headers
    }

    /// Converts a prelude as AWS does: cookies become `Set-Cookie`, and headers about framing and the connection are
    /// dropped.
    init(_ prelude: Prelude) throws(Failure) {
        guard (200...599).contains(prelude.statusCode) else {
            throw .malformedResponse("its statusCode is \(prelude.statusCode), not between 200 and 599")
        }
        for field in prelude.headers {
            guard Self.isToken(field.name) else { throw .malformedResponse("it has a header named \"\(field.name)\"") }
        }
        let cookies = prelude.cookies.map { HeaderField("set-cookie", $0) }
        let fields = prelude.headers.withoutHopByHop.filter { $0.name.lowercased() != "content-length" } + cookies
        for field in fields {
            let isOneLine = field.value.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
            guard isOneLine else { throw .malformedResponse("its header \(field.name) has a control character") }
        }
        self.init(status: prelude.statusCode, headers: fields)
    }

    /// Whether HTTP allows this response to have a body.
    func mayHaveBody(toMethod method: String) -> Bool {
        method != "HEAD" && status != 204 && status != 304
    }

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { tokenBytes.contains($0) }
    }
}

private let tokenBytes = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

/// The JSON at the start of a streamed response: status, headers and cookies.
struct Prelude: Equatable {
    var statusCode = 200
    /// Sorted by name, since JSON objects have no order.
    var headers: [HeaderField] = []
    /// Read by REST APIs and load balancers only. Sorted by name; the values of one name are in order.
    var multiValueHeaders: [HeaderField] = []
    var cookies: [String] = []
    /// The names of other members, sorted.
    var otherMembers: [String] = []

    /// For REST APIs: `multiValueHeaders` replace the headers of the same names.
    func mergingMultiValueHeaders() -> Prelude {
        var merged = self
        merged.headers = headers.replacing(with: multiValueHeaders)
        return merged
    }
}

extension Prelude: Decodable {
    private enum Key: String, CodingKey { case statusCode, headers, multiValueHeaders, cookies }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        let headers = try object.decodeIfPresent([String: HeaderValue].self, forKey: .headers) ?? [:]
        let lists = try object.decodeIfPresent([String: [HeaderValue]].self, forKey: .multiValueHeaders) ?? [:]
        self.statusCode = try object.decodeIfPresent(Int.self, forKey: .statusCode) ?? 200
        self.headers = headers.map { HeaderField($0.key, $0.value.text) }.sorted { $0.name < $1.name }
        self.multiValueHeaders = lists.sorted { $0.key < $1.key }
            .flatMap { list in list.value.map { HeaderField(list.key, $0.text) } }
        self.cookies = try object.decodeIfPresent([String].self, forKey: .cookies) ?? []
        let names = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        self.otherMembers = names.filter { Key(rawValue: $0) == nil }.sorted()
    }
}

/// The name of any member.
private struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { return nil }
}

/// A header's value. Numbers and Booleans become text.
private struct HeaderValue: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let text = try? value.decode(String.self) {
            self.text = text
        } else if let number = try? value.decode(Int.self) {
            text = String(number)
        } else {
            text = String(try value.decode(Bool.self))
        }
    }
}

/// Finds the prelude at the start of a streamed response: JSON, eight NULs, then the body.
struct PreludeParser {
    enum Step: Equatable {
        case needMore
        /// The prelude, and the body bytes that arrived with it.
        case prelude(Prelude, rest: [UInt8])
    }

    /// AWS looks for the NULs only in the first bytes. The limit isn't documented; runtime authors report 16 KB.
    static let limit = 16 * 1024

    private static let separatorLength = 8
    private var buffer: [UInt8] = []
    private var nulRun = 0

    mutating func receive(_ bytes: [UInt8]) throws(Failure) -> Step {
        let length = lengthUpToBody(bytes)
        buffer += bytes[..<(length ?? bytes.count)]
        guard buffer.count <= Self.limit else {
            throw .malformedResponse("the prelude does not end (with 8 NUL bytes) within \(Self.limit) bytes")
        }
        guard let length else { return .needMore }
        do {
            let document = Data(buffer.dropLast(Self.separatorLength))
            return .prelude(try JSONDecoder().decode(Prelude.self, from: document), rest: [UInt8](bytes[length...]))
        } catch {
            throw .malformedResponse("the prelude is not the JSON {\"statusCode\", \"headers\", \"cookies\"}")
        }
    }

    /// How many of these bytes belong to the prelude and its separator; nil if the separator doesn't end here.
    private mutating func lengthUpToBody(_ bytes: [UInt8]) -> Int? {
        for (index, byte) in bytes.enumerated() {
            nulRun = byte == 0 ? nulRun + 1 : 0
            if nulRun == Self.separatorLength { return index + 1 }
        }
        return nil
    }
}
