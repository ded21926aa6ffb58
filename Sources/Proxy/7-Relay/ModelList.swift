import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// A server's list of models as a caller sees it: the provider's models that the caller may use, followed by the
/// server's aliases, which the provider doesn't know.
enum ModelList {
    enum Shown {
        /// All of the provider's models. Aliases are added, and everything else stays byte for byte. A list that is too
        /// long or can't be read passes unchanged.
        case all
        case allowed([ModelPattern])
    }

    /// Far longer than any provider's list. In bytes.
    private static let limit = 8 * 1024 * 1024

    /// - Returns: nil if the list passes unchanged. Its body is untouched.
    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, showing models: Shown, for route: Route
    ) async throws(ProxyError) -> ProxyResponse? {
        guard let body = try await body(of: response, route.server.name) else {
            if case .all = models { return nil }
            throw Relay.refusal(of: response, .longList, for: route)
        }
        do throws(JSONError) {
            if let list = try shown(body.withoutMark, models, of: route.server) {
                return .whole(prelude, route.upstream.redacted(list))
            }
        } catch {
            throw Relay.refusal(of: response, .noList, for: route)
        }
        response.body.putBack(body)
        return nil
    }

    /// Nil if it is too long.
    private static func body(of response: TransportResponse, _ server: String) async throws(ProxyError) -> [UInt8]? {
        do throws(TransportError) {
            return try await response.body.collect(ifUpTo: limit)
        } catch {
            throw .upstreamFailed(server: server, error)
        }
    }

    /// - Returns: nil if the list doesn't change.
    static func shown(_ body: [UInt8], _ models: Shown, of server: Server) throws(JSONError) -> [UInt8]? {
        switch models {
        case .all: (try? Entries(body)).flatMap { extended($0, of: body, server) }
        case .allowed(let models): filtered(try Entries(body), of: body, models, server)
        }
    }

    /// Nil if there is no list, or no alias to add.
    private static func extended(_ entries: Entries, of body: [UInt8], _ server: Server) -> [UInt8]? {
        let aliases = aliases(of: server, besides: entries)
        guard let place = entries.place, !aliases.isEmpty else { return nil }
        var added = separated(aliases)
        if entries.isNull {
            added = [UInt8(ascii: "[")] + added + [UInt8(ascii: "]")]
        } else if !entries.isEmpty {
            added = [UInt8(ascii: ",")] + added
        }
        return [Splice(place, added)].applied(to: body)
    }

    /// Only `data` is kept: some servers repeat the list in another member.
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

    /// The aliases that the provider doesn't list itself.
    private static func aliases(
        of server: Server, besides entries: Entries, _ isShown: (String) -> Bool = { _ in true }
    ) -> [[UInt8]] {
        server.aliases.filter { alias in
            isShown(alias) && !entries.models.contains { $0.id.utf8.elementsEqual(alias.utf8) }
        }.map { ModelCatalog.entry($0, of: server).serialized }
    }
}

/// The models of a list, and their places in its text.
private struct Entries {
    private(set) var models: [(id: String, place: Range<Int>)] = []
    /// Whether the list has no elements at all.
    private(set) var isEmpty = true
    /// Where more models can be added: before the bracket that closes the list, or in place of null. Nil if there is no
    /// list.
    private(set) var place: Range<Int>?
    /// Whether `data` is null: Go writes a list without elements like that.
    private(set) var isNull = false

    /// Reads an object with `data`, or a bare array (Together).
    init(_ body: [UInt8]) throws(JSONError) {
        var reader = JSONReader(body, allowsNonFinite: true)
        if try reader.peekKind() == .array {
            try readElements(&reader)
        } else {
            try reader.readObject { key, reader throws(JSONError) in
                guard key == "data" else { return try _ = reader.skipValue() }
                try readData(&reader)
            }
        }
        try reader.finish()
    }

    private mutating func readData(_ reader: inout JSONReader) throws(JSONError) {
        isNull = try reader.peekKind() == .null
        guard isNull else { return try readElements(&reader) }
        (models, isEmpty) = ([], true)
        place = try reader.skipValue()
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
        place = reader.position - 1..<reader.position - 1
    }
}
