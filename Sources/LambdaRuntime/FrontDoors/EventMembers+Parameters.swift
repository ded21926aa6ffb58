import Digests
import JSONBytes

/// What the events of gateways and load balancers have in parts: the query, and the path.
extension EventMembers {
    /// The query of a payload 1.0 or of a load balancer.
    /// - Parameter isDecoded: whether the names and values have been decoded, so that they must be encoded again.
    func query(isDecoded: Bool, _ payload: [UInt8]) throws(JSONError) -> String {
        guard let place = places.multiValueParameters ?? places.parameters else { return texts.query }
        var pairs: [UInt8] = []
        func add(_ name: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
            if !pairs.isEmpty { pairs.append(UInt8(ascii: "&")) }
            let value = try reader.readStringBytes()
            guard isDecoded else { return pairs += name.bytes + [UInt8(ascii: "=")] + value }
            pairs += PercentEncoding.encode(name.bytes).utf8
            pairs.append(UInt8(ascii: "="))
            pairs += PercentEncoding.encode(value).utf8
        }
        var reader = JSONReader(payload, from: place)
        try reader.readObject { name, reader throws(JSONError) in
            guard try reader.peekKind() == .array else { return try add(name, &reader) }
            try reader.readArray { reader throws(JSONError) in try add(name, &reader) }
        }
        return String(decoding: pairs, as: UTF8.self)
    }

    /// The path without what a gateway puts in front of it: the base path of a custom domain, or the stage of an HTTP
    /// API.
    func pathBelowStage(_ path: String, _ payload: [UInt8]) throws(JSONError) -> String {
        let bytes = Array(path.utf8)
        let below = bytes[try prefixLength(of: bytes, payload)...]
        guard !below.isEmpty else { return "/" }
        guard isHTTPAPI else { return String(decoding: below, as: UTF8.self) }
        // HTTP APIs decode the path: https://github.com/honojs/hono/issues/2156
        return PercentEncoding.encode(below, besides: "/!$&'()*+,;=:@")
    }

    /// Only HTTP APIs have the stage in the path. Their events of version 1.0 say so, those of REST APIs have no version.
    private var isHTTPAPI: Bool { places.http != nil || places.version != nil }

    private func prefixLength(of path: [UInt8], _ payload: [UInt8]) throws(JSONError) -> Int {
        if let below = try routedPath(payload) {
            // The parameter may be decoded although the path isn't. A base path has nothing that needs an escape.
            for text in [path, PercentEncoding.decode(path[...])] {
                // The parameter lacks a slash at the end of the path.
                let end = text.last == Self.slash && below.last != Self.slash ? text.count - 1 : text.count
                let length = end - below.count
                if text[..<end].suffix(below.count).elementsEqual(below), path.starts(with: text[..<length]) {
                    return length
                }
            }
        }
        guard isHTTPAPI, let place = places.stage else { return 0 }
        var reader = JSONReader(payload, from: place)
        let stage = try reader.readStringBytes()
        guard !stage.elementsEqual("$default".utf8) else { return 0 }
        let prefix = [Self.slash] + stage
        return path.starts(with: prefix) && path[prefix.count...].first ?? Self.slash == Self.slash ? prefix.count : 0
    }

    private static let slash = UInt8(ascii: "/")

    /// The path according to the route, such as `/{proxy+}` or `ANY /{server}/{proxy+}`, and its parameters. Nil if one
    /// is missing.
    private func routedPath(_ payload: [UInt8]) throws(JSONError) -> [UInt8]? {
        guard let place = places.route else { return nil }
        var reader = JSONReader(payload, from: place)
        let route = try reader.readStringBytes().drop { $0 != Self.slash }
        var parts = route.split(separator: Self.slash, maxSplits: Self.mostParts, omittingEmptySubsequences: false)
            .map { RoutePart($0) }
        guard !route.isEmpty, parts.count <= Self.mostParts else { return nil }
        if let parameters = places.pathParameters {
            reader = JSONReader(payload, from: parameters)
            try reader.readObject { name, reader throws(JSONError) in
                guard try reader.peekKind() == .string, let index = parts.firstIndex(where: { $0.name == name.bytes })
                else { return try _ = reader.skipValue() }
                parts[index].text = try reader.readStringBytes()[...]
            }
        }
        let texts = parts.compactMap(\.text)
        return texts.count == parts.count ? Array(texts.joined(separator: [Self.slash])) : nil
    }

    /// More than any route has.
    private static let mostParts = 32
}

/// A part of a route between slashes.
private struct RoutePart {
    /// Of the parameter; nil if the part is a text.
    var name: ArraySlice<UInt8>?
    /// Nil until the parameter is known.
    var text: ArraySlice<UInt8>?

    init(_ part: ArraySlice<UInt8>) {
        if part.first == UInt8(ascii: "{"), part.last == UInt8(ascii: "}") {
            let inner = part.dropFirst().dropLast()
            name = inner.last == UInt8(ascii: "+") ? inner.dropLast() : inner
        } else {
            text = part
        }
    }
}
