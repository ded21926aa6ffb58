import Digests
import JSONBytes

/// The checked path and query of a request: no segment contains a backslash or is a dot segment, encoded or not.
///
/// So the path means the same to every server that decodes it once, and the proxy calls the path that it has checked.
struct RequestTarget: Equatable {
    struct Segment: Equatable {
        /// For the upstream's URL.
        let encoded: String
        /// For error texts. Use `isNamed` to compare it.
        let decoded: String
        fileprivate let hasEncodedSlash: Bool

        /// Compares bytes: comparing non-ASCII strings takes time quadratic in their combining marks.
        func isNamed(_ name: String) -> Bool { decoded.utf8.elementsEqual(name.utf8) }

        /// Like `isNamed`, but ignores case and surrounding whitespace. For hints only.
        /// - Parameter name: in lower case.
        func isNamedAlmost(_ name: String) -> Bool {
            decoded.utf8.withoutOuterBlanks.elementsEqual(name.utf8) { UInt8.isSameLetter($0, $1) }
        }
    }

    /// Empty segments are left out: a base URL that ends with a slash leads to `//v1/models`, which means `/v1/models`.
    let segments: [Segment]
    /// As the caller wrote it.
    private let path: String
    /// For the upstream's URL; empty if there is none.
    private(set) var query: String

    /// The limit of path and query together: far longer than the URLs that browsers and providers accept. In bytes.
    static let limit = 64 * 1024

    init(path: String, query: String) throws(ProxyError) {
        guard path.utf8.count + query.utf8.count <= Self.limit else { throw .pathTooLong(limit: Self.limit) }
        guard path.utf8.first == UInt8(ascii: "/") else { throw .invalidPath("it doesn't begin with a slash") }
        var segments: [Segment] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) {
            let segment = try Segment(part)
            guard !segment.hasEncodedSlash || segments.namesModelNext else { throw .encodedSlash }
            segments.append(segment)
        }
        self.segments = segments
        self.path = path
        self.query = Segment.encoded(query.utf8, isQuery: true)
    }

    /// SDKs write the slash in the name of a model as `%2F`. Elsewhere it is ambiguous: some servers read it as a
    /// slash, others as part of a name.
    var hasEncodedSlash: Bool { segments.contains { $0.hasEncodedSlash } }

    /// What follows the first segment, for the upstream's URL. Empty segments are kept, since they may mean something
    /// there.
    var pathAfterFirst: String {
        let slash = UInt8(ascii: "/")
        return Segment.encoded(path.utf8.drop { $0 == slash }.drop { $0 != slash }, isQuery: false)
    }
}

extension Collection<UInt8> {
    /// Whether some server might read the decoded name as `.` or `..`. IIS and .NET drop trailing spaces and dots.
    /// Tomcat and Jetty treat what follows a semicolon as parameters: they read `..;x` as `..`.
    package var isDotSegment: Bool {
        let bare = prefix { $0 != UInt8(ascii: ";") }
        return bare.contains(UInt8(ascii: ".")) && bare.allSatisfy { $0 == UInt8(ascii: ".") || $0 == 0x20 }
    }
}

extension ProxyError {
    static let encodedSlash = ProxyError.invalidPath("it has an encoded slash")
}

extension [RequestTarget.Segment] {
    /// `/<server>/v1/models`, `/v1/models`, `/openai/models` and `/openai/deployments`, or a path below one of them.
    fileprivate var namesModelNext: Bool {
        count > 2 && self[1].isNamed("v1") && self[2].isNamed("models")
            || count > 1 && self[0].isNamed("v1") && self[1].isNamed("models")
            || count > 1 && self[0].isNamed("openai") && (self[1].isNamed("models") || self[1].isNamed("deployments"))
    }
}

extension RequestTarget {
    /// The names of the query's parameters, normalized as loosely as any server might read them.
    var queryNames: [NormalizedName] {
        query.utf8.split { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: ";") }.map { parameter in
            let name = parameter.prefix { $0 != UInt8(ascii: "=") }
            let bytes = (try? Segment.decode(name)) ?? Array(name)
            return NormalizedName(bytes)
        }
    }
}

extension RequestTarget {
    /// No legitimate query has more or longer parameters. Beyond these limits, to save time, only the keys that the
    /// request itself presents are recognized.
    private static let (mostSearched, longestSearched) = (100, 8 * 1024)

    /// The target without query parameters that contain a key, which the provider must not see. The others keep their
    /// spelling and their order.
    func without(_ keys: RequestKeys) -> RequestTarget {
        guard !query.isEmpty else { return self }
        let bytes = Array(query.utf8)
        var digests = RequestKeys.mostDigests
        var count = 0
        func hasKey(_ parameter: ArraySlice<UInt8>) -> Bool {
            count += 1
            let withKnown = count <= Self.mostSearched && parameter.endIndex <= Self.longestSearched
            return Self.hasKey(parameter, among: keys, withKnown, &digests)
        }
        let kept = bytes.parts(at: UInt8(ascii: "&")).compactMap { parameter -> [UInt8]? in
            // Most servers don't treat a semicolon as a separator, so a key may contain one.
            let parts = parameter.parts(at: UInt8(ascii: ";"))
            let kept = parts.filter { !hasKey($0) }
            let rest = Array(kept.joined(separator: ";".utf8))
            return kept.isEmpty || kept.count > 1 && hasKey(rest[...]) ? nil : rest
        }
        let rest = Array(kept.joined(separator: "&".utf8))
        guard rest.count < bytes.count else { return self }
        var target = self
        target.query = String(decoding: rest, as: UTF8.self)
        return target
    }

    private static func hasKey(
        _ parameter: ArraySlice<UInt8>, among keys: RequestKeys, _ withKnown: Bool, _ digests: inout Int
    ) -> Bool {
        guard parameter.count >= RequestKeys.shortest else { return false }
        let name = parameter.prefix { $0 != UInt8(ascii: "=") }
        let texts = [parameter, parameter[name.endIndex...].dropFirst(), name].map(PercentEncoding.decode)
        // Forms encode a space as a plus.
        let forms = texts.contains { $0.contains(UInt8(ascii: "+")) } ? [texts, texts.map(\.withoutPluses)] : [texts]
        return forms.contains { texts in
            texts.dropFirst().contains { isKey($0[...], among: keys, withKnown) }
                || keys.ranges(in: texts[0], withKnown: withKnown, digests: &digests).contains { texts[0].isWord($0) }
        }
    }

    private static func isKey(_ text: ArraySlice<UInt8>, among keys: RequestKeys, _ withKnown: Bool) -> Bool {
        let bare = text.withoutQuotes
        return keys.contain(text, withKnown: withKnown)
            || bare.count < text.count && keys.contain(bare, withKnown: withKnown)
            || bare.bearerToken.map { keys.contain($0, withKnown: withKnown) } ?? false
    }
}

extension BidirectionalCollection<UInt8> where Index == Int {
    /// Like `split`, but keeps empty parts.
    fileprivate func parts(at separator: UInt8) -> [SubSequence] {
        split(separator: separator, omittingEmptySubsequences: false)
    }

    fileprivate var withoutPluses: [UInt8] { map { $0 == UInt8(ascii: "+") ? 0x20 : $0 } }

    /// Without the quotes, equals signs and whitespace that may surround a value by mistake.
    fileprivate var withoutQuotes: SubSequence {
        let isOutside = { (byte: UInt8) in byte <= 0x20 || "\"'=".utf8.contains(byte) }
        guard let last = lastIndex(where: { !isOutside($0) }) else { return self[endIndex...] }
        return self[...last].drop(while: isOutside)
    }

    /// Whether a range is a whole word.
    fileprivate func isWord(_ range: Range<Int>) -> Bool {
        let isWordByte = { (byte: UInt8) in byte.isLetter || byte.isDigit || "-_".utf8.contains(byte) }
        return !(self[..<range.lowerBound].last.map(isWordByte) ?? false)
            && !(self[range.upperBound...].first.map(isWordByte) ?? false)
    }
}

extension RequestTarget.Segment {
    fileprivate init(_ raw: Substring.UTF8View) throws(ProxyError) {
        if !raw.isEmpty, raw.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }) {
            decoded = String(Substring(raw))
            encoded = decoded
            hasEncodedSlash = false
            return
        }
        let bytes = try Self.decode(raw)
        let names = bytes[...].parts(at: UInt8(ascii: "/"))
        for name in names { try Self.check(name) }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidPath("it is not UTF-8") }
        self.decoded = decoded
        encoded = Self.encoded(raw, isQuery: false)
        hasEncodedSlash = names.count > 1
    }

    /// - Parameter name: decoded, between two slashes.
    private static func check(_ name: ArraySlice<UInt8>) throws(ProxyError) {
        for byte in name {
            switch byte {
            case UInt8(ascii: "\\"): throw .invalidPath("it has a backslash")
            case 0..<0x20, 0x7F: throw .invalidPath("it has a control character")
            default: break
            }
        }
        guard !name.isEmpty else { throw .invalidPath("an encoded slash has nothing before or after it") }
        guard !name.isDotSegment else { throw .invalidPath("it has a dot segment") }
    }

    static func decode(_ raw: some Collection<UInt8>) throws(ProxyError) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = raw[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                let low = rest.popFirst().flatMap(Hexadecimal.value)
            else {
                throw .invalidPath("a percent sign is not followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Percent-encodes what isn't allowed in a URL. Everything else stays as it was written, existing escapes included.
    static func encoded(_ text: some Sequence<UInt8>, isQuery: Bool) -> String {
        var output: [UInt8] = []
        for byte in text {
            switch byte {
            case 0...0x20, 0x7F..., UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
                UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "|"), UInt8(ascii: "^"):
                output.append(contentsOf: "%\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8)
            // In a path it would begin the query.
            case UInt8(ascii: "?") where !isQuery: output.append(contentsOf: "%3F".utf8)
            default: output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
