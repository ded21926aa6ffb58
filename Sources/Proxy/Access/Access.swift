import HTTPTypes
import Transport

/// Lets a request in, or not: the station before anything is said about what there is to call.
struct Access {
    private let clients: [VirtualKey]
    private let owners: [(server: String, digest: KeyDigest)]
    private let allowsAnonymous: Bool

    init(_ table: ServerTable) {
        clients = table.settings.virtualKeys
        owners = table.servers.compactMap { server in
            server.token.map { (server.name, KeyDigest(of: $0)) }
        }
        allowsAnonymous = table.settings.allowAnonymous
    }

    /// - Parameter now: in milliseconds since 1970.
    func admit(_ fields: HTTPFields, at now: Int64) throws(ProxyError) -> Caller {
        var expired: VirtualKey?
        for key in Self.presentedKeys(fields) {
            guard let caller = caller(with: KeyDigest(of: key)) else { continue }
            guard let key = caller.key, let end = key.expires, now / 1000 >= end else { return caller }
            expired = expired ?? key
        }
        if let expired { throw .keyExpired(expired.id) }
        guard allowsAnonymous else { throw .invalidKey }
        return .anonymous
    }

    /// Compares with all keys there are, so that the time taken doesn't tell which one came close.
    private func caller(with digest: KeyDigest) -> Caller? {
        var key: VirtualKey?
        for client in clients where client.digest == digest { key = key ?? client }
        var servers: Set<String> = []
        for owner in owners where owner.digest == digest { servers.insert(owner.server) }
        if let key { return .client(key) }
        return servers.isEmpty ? nil : .owner(of: servers)
    }

    /// `x-api-key` and `api-key` are for front ends that need `Authorization` for themselves, so any of them may fit.
    private static func presentedKeys(_ fields: HTTPFields) -> [Secret] {
        var keys: [String] = []
        if let value = fields.value(of: .authorization) {
            let parts = value.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
            let isBearer = parts.first?.map { $0 | 0x20 }.elementsEqual("bearer".utf8) == true
            if isBearer, parts.count == 2 { keys.append(String(Substring(parts[1]))) }
        }
        keys += [fields.value(of: .xAPIKey), fields.value(of: .apiKey)].compactMap { $0 }
        return keys.filter { !$0.isEmpty }.map { Secret($0) }
    }
}
