/// How the responses of a server are cached.
package struct CachePolicy: Sendable, Equatable {
    /// For how long a response is used again. In seconds.
    package var ttl = 3600
    /// Longer responses aren't stored. In bytes.
    package var maxEntryBytes = 2 * 1024 * 1024
    /// Whether all callers share the responses. Otherwise each key sees only its own.
    package var isShared = false
    /// Whether only requests whose responses hardly vary are cached.
    package var onlyDeterministic = false
    /// Where responses are stored, from the fastest to the slowest.
    package var layers: [CacheLayerName] = [.memory]
    /// Whether a stream is replayed at the speed at which it arrived.
    package var replaysAtOriginalPace = false

    package init() {}
}

/// A place where responses are stored, as the table names it. In the order in which they are asked.
package enum CacheLayerName: String, Sendable, CaseIterable {
    /// In this process.
    case memory
    /// Files in `/tmp`.
    case tmp
    /// The table of `settings.store`.
    case dynamoDB = "dynamodb"
}

/// How much the layers of this process may hold. In bytes.
package struct CacheSizes: Sendable, Equatable {
    package var memory = 32 * 1024 * 1024
    package var tmp = 256 * 1024 * 1024

    package init() {}
}

/// How the responses to a caller are cached.
package enum CallerCaching: Sendable, Equatable {
    /// The server's policy applies.
    case asServer
    case off
    /// The caller shares responses with the others of this namespace, and with nobody else.
    case namespace(String)
}
