@testable import Proxy

/// A target that passes makes a URL from which a server that decodes once reads the same segments, none of them empty,
/// a dot segment or hiding a separator; and read again it is the same target.
enum RequestTargetFuzz: FuzzTarget {
    /// The path up to the first line feed, the query behind it: both may have anything else.
    static func check(_ input: [UInt8]) {
        let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let query = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
        guard let target = try? RequestTarget(path: String(decoding: parts[0], as: UTF8.self), query: query) else {
            return
        }
        let path = "/" + target.segments.map(\.encoded).joined(separator: "/") + (target.hasTrailingSlash ? "/" : "")
        require((try? RequestTarget(path: path, query: target.query)) == target, "read again it's another: \(path)")

        let url = target.query.isEmpty ? path : "\(path)?\(target.query)"
        require(url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }, "not a URL: \(url)")
        let called = url.utf8.prefix { $0 != UInt8(ascii: "?") }.dropFirst()
        var names = called.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { decoded($0) }
        if names.last == [] { names.removeLast() }
        require(names == target.segments.map { Array($0.decoded.utf8) }, "a server reads other segments: \(url)")
        for name in names {
            let isPlain = name.allSatisfy { $0 >= 0x20 && ![0x7F, UInt8(ascii: "/"), UInt8(ascii: "\\")].contains($0) }
            let isDots = name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
            require(isPlain && !isDots && !name.isEmpty, "not one plain segment: \(name)")
        }
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
