import Digests
import HTTPTypes
import JSONBytes
import Transport

/// The identity of a request for the cache. Two requests with the same key get the same response.
enum CacheableRequest {
    /// Raised when the meaning of a part changes, so that older entries aren't found.
    private static let version = "1"

    /// - Returns: nil if the response can't be used again, or the policy doesn't want that.
    static func key(of request: UpstreamRequest, along route: Route, by policy: CachePolicy) -> CacheKey? {
        guard let body = CacheableBody(request.body, on: route) else { return nil }
        guard !policy.onlyDeterministic || body.isDeterministic || !route.operation.isRandom else { return nil }
        var parts = CacheKeyParts(capacity: 512 + body.text.count)
        parts.add(version)
        addNamespace(of: request.context.reservation.caller, policy, to: &parts)
        let server = route.server
        parts.add(server.name)
        parts.add(server.provider == .bedrock ? "bedrock" : "openai")
        parts.add(server.urls.map(\.text))
        parts.add(route.pathAndQuery)
        parts.add(request.body.model(for: route).map { [$0] } ?? [])
        for name in [.known("openai-beta")] + server.forwardHeaders {
            if let value = request.fields.value(of: name) { parts.add([name.canonicalName, value]) }
        }
        parts.add(body.text)
        return CacheKey(SHA256.digest(of: parts.bytes))
    }

    /// Who shares responses with whom.
    private static func addNamespace(of caller: Caller, _ policy: CachePolicy, to parts: inout CacheKeyParts) {
        if case .namespace(let name) = caller.permissions?.caching { return parts.add(["namespace", name]) }
        guard !policy.isShared else { return parts.add(["shared"]) }
        switch caller {
        case .client(let key): parts.add(["key", key.id])
        case .owner(let servers): parts.add(["owner"] + servers.sorted())
        case .anonymous: parts.add(["anonymous"])
        case .invoker: parts.add(["direct"])
        case .user(let user): parts.add(["user", user.issuer, user.id])
        }
    }
}

extension Operation {
    /// Whether requests of this kind have responses that can be used again.
    var isCacheable: Bool {
        switch self {
        case .chat, .textCompletion, .embeddings, .responses, .moderations: true
        case .models, .model, .caller, .health, .preflight, .page, .other: false
        }
    }

    /// Whether the same request may get different responses.
    fileprivate var isRandom: Bool { self != .embeddings && self != .moderations }
}

/// The parts of a key, each with its length, so that no two lists of parts have the same bytes.
private struct CacheKeyParts {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: about how many bytes there will be.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    mutating func add(_ part: [UInt8]) {
        add(length: part.count)
        bytes += part
    }

    mutating func add(_ part: String) {
        add(length: part.utf8.count)
        bytes.append(contentsOf: part.utf8)
    }

    /// A list as one part.
    mutating func add(_ list: [String]) {
        add(length: list.reduce(0) { $0 + MemoryLayout<UInt64>.size + $1.utf8.count })
        for part in list { add(part) }
    }

    private mutating func add(length: Int) {
        withUnsafeBytes(of: UInt64(length).littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// The part of a request's body that determines its response.
private struct CacheableBody {
    /// The canonical text.
    private(set) var text: [UInt8] = []
    /// Whether the response hardly varies.
    private(set) var isDeterministic = false

    /// Who asks, and how the provider's own cache is used. They don't change the response.
    private static let ignored: [StaticString] = [
        "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "metadata",
    ]

    /// - Returns: nil if the request changes something at the provider, so it must be sent each time.
    init?(_ body: RequestBody, on route: Route) {
        // A response of the Responses API repeats these members.
        let ignored = route.operation == .responses ? [] : Self.ignored
        let isModelKnown = body.model(for: route) != nil
        var hasEffect = false
        var temperatures: [ArraySlice<UInt8>] = []
        var hasSeed = false
        let text = try? CanonicalJSON.text(of: body.bytes) { name, value in
            if name.isWord("model") { return !isModelKnown }
            if name.isWord("stream") { return body.mayStream || !value.isWord("false") }
            if name.isWord("temperature") { temperatures.append(value) }
            if name.isWord("seed") { hasSeed = value.last?.isDigit == true }
            if Self.hasEffect(name, value, route.operation) { hasEffect = true }
            return !ignored.contains { name.isWord($0) }
        }
        guard let text, !hasEffect else { return nil }
        self.text = text
        isDeterministic = hasSeed || !temperatures.isEmpty && temperatures.allSatisfy(\.isZero)
    }

    /// Whether a member makes the provider store or continue something.
    private static func hasEffect(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, _ operation: Operation
    ) -> Bool {
        guard !value.isWord("false"), !value.isWord("null") else { return false }
        // The Responses API stores each response, unless told otherwise.
        if operation != .responses { return name.isWord("store") }
        return name.isWord("conversation") || name.isWord("background")
    }
}

extension ArraySlice<UInt8> {
    fileprivate func isWord(_ word: StaticString) -> Bool { elementsEqual(word.utf8Bytes) }

    /// Whether a number is 0, however it is written.
    fileprivate var isZero: Bool {
        let digits = prefix { $0 | 0x20 != UInt8(ascii: "e") }
        return digits.contains { $0.isDigit }
            && digits.allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }
}
