import FoundationEssentials

/// The JSON that opens a streamed answer: status, headers and cookies.
struct Prelude: Equatable {
    var statusCode = 200
    /// Sorted by name, since JSON objects have no order.
    var headers: [HeaderField] = []
    var cookies: [String] = []
}

extension Prelude: Decodable {
    private enum Key: CodingKey { case statusCode, headers, cookies }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        let headers = try object.decodeIfPresent([String: HeaderValue].self, forKey: .headers) ?? [:]
        self.statusCode = try object.decodeIfPresent(Int.self, forKey: .statusCode) ?? 200
        self.headers = headers.map { HeaderField($0.key, $0.value.text) }.sorted { $0.name < $1.name }
        self.cookies = try object.decodeIfPresent([String].self, forKey: .cookies) ?? []
    }
}

/// A header's value; numbers and booleans are taken for their text.
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
