import Digests
import JSONBytes
package import Proxy
package import Transport

/// The cache's layer in a DynamoDB table, which all environments share.
///
/// The item `cache#<key>` has an entry's first bytes. If the entry is longer, the rest is in items named
/// `cache#<key>#<part_id>#<number>`. Each write has a `part_id` of its own, and writes the item without a number last.
/// So a reader gets one whole entry, whoever else is writing. Parts that were replaced or removed expire.
package struct DynamoDBCache: CacheLayer {
    private let client: DynamoDBClient
    private let clock: SynchronizedClock
    private let random: @Sendable () -> UInt64

    /// - Parameters:
    ///   - store: whose table, client and clock it uses.
    ///   - random: a random number, new each time.
    package init(in store: DynamoDBStore, random: @escaping @Sendable () -> UInt64) {
        (client, clock) = (store.client, store.clock)
        self.random = random
    }

    /// Costs one read if there is no entry.
    /// - Returns: an empty array if there is an entry that can't be used, because a part is missing, an attribute is
    ///   wrong or it is too long. The caller should remove it.
    package func read(
        _ key: CacheKey, upTo limit: Int, for request: TimedRequest? = nil
    ) async throws(StoreError) -> [UInt8]? {
        let deadline = clock.local() + Self.patience
        let id = Self.id(key)
        guard let head = try await item(id, isConsistent: false, until: deadline, for: request) else { return nil }
        guard let expires = head.expires, let data = head.data, let count = head.parts, let partID = head.partID else {
            return []
        }
        guard expires > clock.now() / 1000 else { return nil }
        // All but the last have the full length.
        guard data.count <= limit, count >= 0, count <= limit / Self.longestPart else { return [] }
        let parts = try await inParallel(count) { number throws(StoreError) in
            // The head may be found before its parts where reads aren't consistent.
            try await item(Self.id(key, partID, number), isConsistent: true, until: deadline, for: request)?.data
        }
        var entry = data
        for part in parts {
            guard let part, part.count <= limit - entry.count else { return [] }
            entry += part
        }
        return entry
    }

    package func write(
        _ entry: [UInt8], for key: CacheKey, expires: Int64, within limit: Int?
    ) async throws(StoreError) {
        let deadline = limit.map { clock.local() + Int64($0) }
        let partID = "\(String(clock.local(), radix: 16))-\(String(random(), radix: 16))"
        let expiry = (key: Attribute.expires, value: JSONValue.number(Int(expires)))
        let rest = max(0, entry.count - 1) / Self.longestPart
        @Sendable func part(_ number: Int) -> JSONValue {
            .binary(Array(entry.dropFirst(number * Self.longestPart).prefix(Self.longestPart)))
        }
        _ = try await inParallel(rest) { number throws(StoreError) in
            let attributes = [(key: Attribute.data, value: part(number + 1)), expiry]
            try await send(.put(Self.id(key, partID, number), attributes), until: deadline)
        }
        let attributes = [
            (key: Attribute.data, value: part(0)), (key: Attribute.parts, value: .number(rest)),
            (key: Attribute.partID, value: .text(partID)), expiry,
        ]
        try await send(.put(Self.id(key), attributes), until: deadline)
    }

    /// Parts of the entry stay until they expire.
    package func remove(_ key: CacheKey, for request: TimedRequest? = nil) async throws(StoreError) {
        try await send(.delete(Self.id(key)), until: clock.local() + Self.patience, for: request)
    }

    private static func id(_ key: CacheKey) -> String { "cache#\(Hexadecimal.encode(key.bytes))" }

    private static func id(_ key: CacheKey, _ partID: String, _ number: Int) -> String {
        "\(id(key))#\(partID)#\(number)"
    }

    /// How long a lookup may take, since the request waits for it. In milliseconds.
    private static let patience: Int64 = 1000
    /// In bytes. An item has at most 400 KB, including its names and other attributes.
    static let longestPart = 350 * 1024
    /// How many calls are open at once for one entry.
    private static let mostCalls = 4
}

extension DynamoDBCache {
    private func item(
        _ id: String, isConsistent: Bool, until deadline: Int64, for request: TimedRequest?
    ) async throws(StoreError) -> CacheItem? {
        let item = try await send(.get(id, isConsistent: isConsistent), until: deadline, for: request)
        guard item == nil || item?.id == id else { throw client.nonsense }
        return item
    }

    /// - Parameters:
    ///   - deadline: by the local clock, in milliseconds since 1970; nil for none.
    ///   - request: waits for it; nil if none does.
    @discardableResult
    private func send(
        _ call: TableCall, until deadline: Int64?, for request: TimedRequest? = nil
    ) async throws(StoreError) -> CacheItem? {
        var call = call
        (call.deadline, call.request) = (deadline, request)
        let answer = try await client.send(call, reading: CacheItem.self)
        guard !answer.isRefusal else { throw client.nonsense }
        return answer.item
    }

    /// Makes several calls, a few at a time. After the first failure no more are begun.
    private func inParallel<Result: Sendable>(
        _ count: Int, _ call: @escaping @Sendable (_ number: Int) async throws(StoreError) -> Result
    ) async throws(StoreError) -> [Result] {
        var results: [Result?] = Array(repeating: nil, count: count)
        var failure: StoreError?
        await withTaskGroup(of: (Int, Swift.Result<Result, StoreError>).self) { group in
            var next = 0
            func start() {
                guard next < count, failure == nil else { return }
                let number = next
                next += 1
                group.addTask {
                    do throws(StoreError) {
                        return (number, .success(try await call(number)))
                    } catch {
                        return (number, .failure(error))
                    }
                }
            }
            for _ in 0..<Self.mostCalls { start() }
            for await (number, result) in group {
                switch result {
                case .success(let value): results[number] = value
                case .failure(let error): failure = failure ?? error
                }
                start()
            }
        }
        if let failure { throw failure }
        return results.compactMap { $0 }
    }
}

/// The attributes of an item that the cache uses. One that is missing, or has another type, is nil.
struct CacheItem: ItemAttributes {
    private(set) var id: String?
    private(set) var data: [UInt8]?
    private(set) var parts: Int?
    private(set) var partID: String?
    private(set) var expires: Int?

    init(_ reader: inout JSONReader) throws(JSONError) {
        var item = (id: String?.none, data: [UInt8]?.none, parts: Int?.none, partID: String?.none, expires: Int?.none)
        try reader.readObject { name, reader throws(JSONError) in
            switch name.text {
            case Attribute.id: item.id = try Self.text("S", &reader).map { String(decoding: $0, as: UTF8.self) }
            case Attribute.data: item.data = try Self.text("B", &reader).flatMap { Base64.decode($0) }
            case Attribute.parts: item.parts = try Self.number(&reader)
            case Attribute.partID: item.partID = try Self.text("S", &reader).map { String(decoding: $0, as: UTF8.self) }
            case Attribute.expires: item.expires = try Self.number(&reader)
            default: try reader.skipValue()
            }
        }
        (id, data, parts, partID, expires) = item
    }

    private static func number(_ reader: inout JSONReader) throws(JSONError) -> Int? {
        try text("N", &reader).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    private static func text(_ wanted: StaticString, _ reader: inout JSONReader) throws(JSONError) -> [UInt8]? {
        var text: [UInt8]?
        try reader.readObject { type, reader throws(JSONError) in
            guard type == wanted, try reader.peekKind() == .string else {
                try reader.skipValue()
                return
            }
            text = try reader.readStringBytes()
        }
        return text
    }
}
