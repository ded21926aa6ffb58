import Digests
import HTTPTypes
import JSONBytes
import Transport

/// The answers of doors that don't stream: one JSON document.
extension FrontDoor {
    /// The longest document that the door takes, in bytes. 6 MB is Lambda's limit for a response, 1 MB a load
    /// balancer's.
    ///
    /// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    /// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    package var longestDocument: Int {
        if case .loadBalancer = self { 1024 * 1024 } else { 6 * 1024 * 1024 }
    }

    /// The document with a whole response.
    /// - Returns: nil if it would be longer than the door takes.
    package func document(_ prelude: Prelude, _ body: [UInt8]) -> [UInt8]? {
        guard body.count <= longestDocument else { return nil }
        var document = JSONObjectWriter(capacity: body.count + body.count / 8 + Self.usualHead)
        if self == .directInvocation {
            document.add("status", prelude.status.code)
            document.add("headers", json: Self.fields(prelude))
            Self.addDirect(body, isJSON: prelude.isJSON, to: &document)
        } else {
            document.add("statusCode", prelude.status.code)
            addHead(prelude, to: &document)
            let isBase64 = Self.add(body, to: &document)
            document.add("isBase64Encoded", json: "\(isBase64)".utf8)
        }
        document.end()
        return document.bytes.count <= longestDocument ? document.bytes : nil
    }

    private func addHead(_ prelude: Prelude, to document: inout JSONObjectWriter) {
        guard case .loadBalancer(let hasMultiValueHeaders) = self else {
            return document.add("headers", json: Self.fields(prelude))
        }
        document.add("statusDescription", "\(prelude.status.code) \(prelude.status.phrase)")
        if hasMultiValueHeaders {
            document.add("multiValueHeaders", json: Self.fieldLists(prelude))
        } else {
            document.add("headers", json: Self.fields(prelude))
        }
    }

    /// Adds JSON as a value, so that workflows can read its members.
    private static func addDirect(_ body: [UInt8], isJSON: Bool, to document: inout JSONObjectWriter) {
        let text = body.starts(with: byteOrderMark) ? Array(body.dropFirst(3)) : body
        if isJSON, isOneValue(text) {
            document.add("body", json: text)
        } else if add(body, to: &document) {
            document.add("isBase64Encoded", json: "true".utf8)
        }
    }

    /// U+FEFF in UTF-8, which some programs write before JSON.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// More than the head of most responses. In bytes.
    private static let usualHead = 2048

    private static func fields(_ prelude: Prelude) -> [UInt8] {
        var fields = JSONObjectWriter(capacity: usualHead)
        for (name, value) in prelude.joinedFields { fields.add(name: name, value) }
        fields.end()
        return fields.bytes
    }

    private static func fieldLists(_ prelude: Prelude) -> [UInt8] {
        JSONValue.object(prelude.joinedFields.map { ($0.name, .array([.string($0.value)])) }).serialized
    }

    /// Adds the body as text, or in base64 if it isn't UTF-8.
    /// - Returns: whether it is in base64.
    private static func add(_ body: [UInt8], to document: inout JSONObjectWriter) -> Bool {
        let text = String(validating: body, as: UTF8.self)
        document.add("body", text ?? Base64.encode(body))
        return text == nil
    }

    private static func isOneValue(_ text: [UInt8]) -> Bool {
        // Bytes that aren't UTF-8 would make the whole document unreadable.
        guard String(validating: text, as: UTF8.self) != nil else { return false }
        var reader = JSONReader(text)
        do throws(JSONError) {
            try reader.skipValue()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }
}

extension HTTPResponse.Status {
    /// The reason phrase, also of a response by HTTP/2, which has none.
    fileprivate var phrase: String {
        guard reasonPhrase.isEmpty else { return reasonPhrase }
        return Self.usual.first { $0.code == code }?.reasonPhrase ?? "Status"
    }

    private static let usual: [Self] = [
        .ok, .created, .accepted, .noContent, .notModified, .badRequest, .unauthorized, .forbidden, .notFound,
        .methodNotAllowed, .conflict, .contentTooLarge, .unprocessableContent, .tooManyRequests, .internalServerError,
        .badGateway, .serviceUnavailable, .gatewayTimeout,
    ]
}

extension Prelude {
    fileprivate var isJSON: Bool {
        let type = (fields.value(of: .contentType) ?? "").utf8.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
        return type.map { $0 | 0x20 }.elementsEqual("application/json".utf8)
    }
}
