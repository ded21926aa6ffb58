@testable import Proxy

/// A target that passes becomes a URL from which a server that decodes once reads the same segments. None of them is
/// empty or a dot segment, not even after an encoded slash, which only the name of a model may have. An opaque server
/// gets the same segments, and reading the URL again gives the same target.
enum RequestTargetFuzz: FuzzTarget {
    /// The path up to the first line feed, and the query after it; both may have any other bytes.
    static func check(_ input: [UInt8]) {
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
        guard let target = try? RequestTarget(path: String(decoding: parts[0], as: UTF8.self), query: query) else {
            return
        }
        let path = "/" + target.segments.map(\.encoded).joined(separator: "/")
        let again = try? RequestTarget(path: path, query: target.query)
        require(again?.segments == target.segments && again?.query == target.query, "read again it's another: \(path)")

        let url = target.query.isEmpty ? path : "\(path)?\(target.query)"
        require(isURL(url), "not a URL: \(url)")
        let names = names(in: url.utf8.prefix { $0 != UInt8(ascii: "?") })
        require(names == target.segments.map { Array($0.decoded.utf8) }, "a server reads other segments: \(url)")
        for (index, name) in names.enumerated() { check(name, isModel: precedesModel(names.prefix(index))) }

        let opaque = target.pathAfterFirst
        require(isURL(opaque) && !opaque.contains("?"), "not a path: \(opaque)")
        require(opaque.isEmpty || opaque.utf8.first == UInt8(ascii: "/"), "the server's name is too long: \(opaque)")
        require(
            self.names(in: opaque.utf8[...]) == Array(names.dropFirst()), "an opaque server reads others: \(opaque)")
    }

    private static func isURL(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
    }

    /// Whether a path that begins like this may name a model in its next segment: a server's, or the shared address's.
    private static func precedesModel(_ names: ArraySlice<[UInt8]>) -> Bool {
        let path = names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/") + "/"
        let shared = ["v1/models/", "openai/models/", "openai/deployments/"]
        return shared.contains { path.utf8.starts(with: $0.utf8) }
            || names.count > 2 && names.dropFirst().prefix(2).elementsEqual([Array("v1".utf8), Array("models".utf8)])
    }

    private static func check(_ name: [UInt8], isModel: Bool) {
        let parts = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        require(parts.count == 1 || isModel, "a slash is hidden in \(name)")
        for part in parts {
            let isPlain = part.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "\\") }
            let bare = part.prefix { $0 != UInt8(ascii: ";") }
            let isDots = bare.contains(UInt8(ascii: ".")) && Set(bare).isSubset(of: Array(" .".utf8))
            require(isPlain && !isDots && !part.isEmpty, "not one plain segment: \(name)")
        }
    }

    private static func names(in path: Substring.UTF8View) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).map { decoded($0) }
    }

    private static func decoded(_ segment: Substring.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = segment[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
