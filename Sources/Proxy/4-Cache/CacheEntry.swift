import HTTPTypes

/// A stored response: always a whole one, with status 200.
struct CacheEntry: Equatable, Sendable {
    /// A part of the body that arrived at once. In a stream, it has whole events.
    struct Piece: Equatable, Sendable {
        /// In bytes.
        let length: Int
        /// The time since the piece before it. In milliseconds.
        let wait: Int
    }

    /// When it was complete, in milliseconds since 1970.
    let created: Int64
    /// The header fields that the first caller got from the upstream.
    let fields: HTTPFields
    let body: [UInt8]
    /// What the body consists of, in order.
    let pieces: [Piece]
    /// What the provider counted; nil if it isn't known.
    let usage: TokenUsage?
    /// The model that the server was asked for, which determines the price.
    let model: String?
    /// The model that has answered, according to the server.
    let answeredModel: String?
}

extension CacheEntry {
    /// What an encoded entry may have besides its body: header fields, pieces and names. In bytes.
    static let mostOverhead = 512 * 1024
}
