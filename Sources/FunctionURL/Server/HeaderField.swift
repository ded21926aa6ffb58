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
