import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// A server's list of models as a caller sees it: the provider's, without those that the caller may not use, and behind them
/// the server's aliases, of which the provider knows nothing.
enum ModelList {
    enum Shown {
        /// Whatever the provider has. Only aliases are added, and all else stays byte for byte.
        case all
        case allowed([ModelPattern])
    }

    /// Far more than any provider has. In bytes.
    private static let limit = 8 * 1024 * 1024

    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, showing models: Shown, of place: SharedServer
    ) async throws(ProxyError) -> Answer {
        do throws(TransportError) {
            let body = try await response.body.collect(upTo: limit)
            return .whole(prelude, place.redacted(try shown(body, models, of: place.server)))
        } catch {
            throw .upstreamFailed(server: place.server.name, error)
        }
    }

    static func shown(_ body: [UInt8], _ models: Shown, of server: Server) throws(TransportError) -> [UInt8] {
        switch models {
        // What isn't such a list passes, though not as nothing: behind a function URL that hangs until the time-out.
        case .all where body.isEmpty: return [UInt8(ascii: "\n")]
        case .all: return (try? Entries(body)).flatMap { extended($0, of: body, server) } ?? body
        case .allowed(let models):
            do throws(JSONError) {
                return filtered(try Entries(body), of: body, models, server)
            } catch {
                throw TransportError(.malformed, "its list of models can't be read: \(error)")
            }
        }
    }

    /// Nil if it has no `data` to which an alias could be added.
    private static func extended(_ entries: Entries, of body: [UInt8], _ server: Server) -> [UInt8]? {
        let aliases = aliases(of: server, besides: entries)
        guard let end = entries.end, !aliases.isEmpty else { return nil }
        var list = Array(body[..<end])
        if !entries.isEmpty { list.append(UInt8(ascii: ",")) }
        list += separated(aliases)
        list += body[end...]
        return list
    }

    /// Only `data` is kept: some servers have the same list again beside it.
    private static func filtered(
        _ entries: Entries, of body: [UInt8], _ models: [ModelPattern], _ server: Server
    ) -> [UInt8] {
        let kept = entries.models.filter { models.allow($0.id, at: server) }.map { Array(body[$0.place]) }
        let aliases = aliases(of: server, besides: entries) { models.allow($0, at: server) }
        return Array(#"{"object":"list","data":["#.utf8) + separated(kept + aliases) + Array("]}".utf8)
    }

    private static func separated(_ entries: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += entry
        }
        return bytes
    }

    /// Without those that the provider lists itself.
    private static func aliases(
        of server: Server, besides entries: Entries, _ isShown: (String) -> Bool = { _ in true }
    ) -> [[UInt8]] {
        server.aliases.filter { alias in
            isShown(alias) && !entries.models.contains { $0.id.utf8.elementsEqual(alias.utf8) }
        }.map { ModelOverview.entry($0, of: server).serialized }
    }
}

/// Where the models of a list stand.
private struct Entries {
    private(set) var models: [(id: String, place: Range<Int>)] = []
    /// Whether there is nothing at all in the list.
    private(set) var isEmpty = true
    /// The offset of the bracket that closes `data`; nil if there is none.
    private(set) var end: Int?

    /// Reads an object with `data`, or a bare array.
    init(_ body: [UInt8]) throws(JSONError) {
        var reader = JSONReader(body, allowsNonFinite: true)
        if try reader.peekKind() == .array {
            try readElements(&reader)
        } else {
            try reader.readObject { key, reader throws(JSONError) in
                guard key == "data" else { return try _ = reader.skipValue() }
                try readElements(&reader)
                end = reader.position - 1
            }
        }
        try reader.finish()
    }

    private mutating func readElements(_ reader: inout JSONReader) throws(JSONError) {
        (models, isEmpty) = ([], true)
        try reader.readArray { reader throws(JSONError) in
            isEmpty = false
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            let start = reader.position
            var id: String?
            try reader.readObject { key, reader throws(JSONError) in
                if key == "id", try reader.peekKind() == .string { return id = try reader.readString() }
                try _ = reader.skipValue()
            }
            if let id { models.append((id, start..<reader.position)) }
        }
    }
}
