/// One header field. Its name is spelled as it was sent.
struct HeaderField: Equatable, Sendable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

extension [HeaderField] {
    /// Every value of a field, in order. `name` must be in lower case; the fields' case doesn't matter.
    func values(of name: String) -> [String] {
        filter { $0.name.lowercased() == name }.map(\.value)
    }

    /// The first value of a field. `name` must be in lower case.
    func first(_ name: String) -> String? {
        first { $0.name.lowercased() == name }?.value
    }

    /// The fields with these in place of those of the same names.
    func replacing(with fields: [HeaderField]) -> [HeaderField] {
        let names = Set(fields.map { $0.name.lowercased() })
        return filter { !names.contains($0.name.lowercased()) } + fields
    }

    /// The values of each name, in order. A name is spelled as where it appears first.
    var valuesByName: [String: [String]] {
        var spellings: [String: String] = [:]
        var values: [String: [String]] = [:]
        for field in self {
            let name = spellings[field.name.lowercased(), default: field.name]
            spellings[field.name.lowercased()] = name
            values[name, default: []].append(field.value)
        }
        return values
    }

    /// The fields without those that belong to one connection (RFC 9110, section 7.6.1).
    ///
    /// Used both ways: AWS hides the others from the function, and ignores them in its responses.
    var withoutHopByHop: [HeaderField] {
        let listed = values(of: "connection").joined(separator: ",").lowercased().split(separator: ",")
            .map { String($0.filter { $0 != " " && $0 != "\t" }) }
        let dropped = hopByHopNames.union(listed)
        return filter { !dropped.contains($0.name.lowercased()) }
    }
}

private let hopByHopNames: Set<String> = [
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
]
