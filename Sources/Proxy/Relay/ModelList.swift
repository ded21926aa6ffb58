import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// A server's list of models, of which the caller sees only those that it may use.
enum ModelList {
    /// Far more than any provider has. In bytes.
    private static let limit = 8 * 1024 * 1024

    static func answer(
        _ response: TransportResponse, _ prelude: Prelude, showing models: [ModelPattern], of place: SharedServer
    ) async throws(ProxyError) -> Answer {
        do throws(TransportError) {
            let body = try await response.body.collect(upTo: limit)
            return .whole(prelude, place.redacted(try filtered(body, showing: models)))
        } catch {
            throw .upstreamFailed(server: place.server.name, error)
        }
    }

    /// Only `data` is kept: some servers have the same list again beside it.
    static func filtered(_ body: [UInt8], showing models: [ModelPattern]) throws(TransportError) -> [UInt8] {
        var reader = JSONReader(body, allowsNonFinite: true)
        var kept: [UInt8] = []
        do throws(JSONError) {
            if try reader.peekKind() == .array {
                kept = try elements(&reader, of: body, showing: models)
            } else {
                try reader.readObject { key, reader throws(JSONError) in
                    guard key == "data" else { return try _ = reader.skipValue() }
                    kept = try elements(&reader, of: body, showing: models)
                }
            }
            try reader.finish()
        } catch {
            throw TransportError(.malformed, "its list of models can't be read: \(error)")
        }
        return Array(#"{"object":"list","data":["#.utf8) + kept + Array("]}".utf8)
    }

    private static func elements(
        _ reader: inout JSONReader, of body: [UInt8], showing models: [ModelPattern]
    ) throws(JSONError) -> [UInt8] {
        var kept: [UInt8] = []
        try reader.readArray { reader throws(JSONError) in
            guard try reader.peekKind() == .object else { return try _ = reader.skipValue() }
            let start = reader.position
            var id: String?
            try reader.readObject { key, reader throws(JSONError) in
                if key == "id", try reader.peekKind() == .string { return id = try reader.readString() }
                try _ = reader.skipValue()
            }
            guard models.fit(id) else { return }
            kept += (kept.isEmpty ? [] : [UInt8(ascii: ",")]) + body[start..<reader.position]
        }
        return kept
    }
}
