import Digests
import JSONBytes

/// An answer as its caller sees it.
struct AnswerView {
    private(set) var status: Int?
    private(set) var fields: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []

    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// - Returns: nil if it isn't in the form that its door expects.
    init?(_ answer: CallerAnswer) {
        if answer.isStreamed {
            guard let end = answer.bytes.firstIndex(of: 0) else { return nil }
            guard read(Array(answer.bytes[..<end])), answer.bytes.count >= end + 8 else { return nil }
            body = Array(answer.bytes[(end + 8)...])
        } else {
            guard read(answer.bytes) else { return nil }
        }
    }

    private mutating func read(_ json: [UInt8]) -> Bool {
        var view = self
        var isBase64 = false
        var reader = JSONReader(json)
        do throws(JSONError) {
            try reader.readObject { key, reader throws(JSONError) in
                switch key {
                case "statusCode", "status": view.status = try reader.readInteger()
                case "headers":
                    try reader.readObject { name, reader throws(JSONError) in
                        view.fields.append((name.text, try reader.readString()))
                    }
                case "body":
                    if try reader.peekKind() == .string {
                        view.body = try reader.readStringBytes()
                    } else {
                        view.body = Array(json[try reader.skipValue()])
                    }
                case "isBase64Encoded": isBase64 = try reader.readBool()
                default: _ = try reader.skipValue()
                }
            }
            try reader.finish()
        } catch {
            return false
        }
        if isBase64 { view.body = Base64.decode(view.body) ?? [] }
        self = view
        return true
    }
}
