import JSONBytes

/// What a record says.
package struct RecordView {
    package var requestID = ""
    package var key = ""
    package var server: String?
    package var status: Int?
    package var errorType: String?
    package var attempts = 0
    package var input: Int?
    package var output: Int?
    package var isEstimate = false
    /// In dollars.
    package var cost: Double?
    package var cache: String?
    package var storeFailures = 0
    /// The line tells of usage that couldn't be counted.
    package var isAboutUncounted = false

    /// - Returns: nil if the line isn't JSON, or no record.
    init?(_ line: [UInt8]) {
        var view = RecordView()
        var reader = JSONReader(line)
        do throws(JSONError) {
            try reader.readObject { key, reader throws(JSONError) in try view.read(key, &reader, line) }
            try reader.finish()
        } catch {
            return nil
        }
        self = view
    }

    private init() {}

    private mutating func read(_ name: JSONKey, _ reader: inout JSONReader, _ line: [UInt8]) throws(JSONError) {
        switch name {
        case "message": isAboutUncounted = try reader.readString() != "request"
        case "request_id": requestID = try reader.readString()
        case "key": key = try reader.readString()
        case "server": server = try reader.readString()
        case "http.response.status_code": status = try reader.readInteger()
        case "error.type": errorType = try reader.readString()
        case "attempts": attempts = try reader.readInteger()
        case "gen_ai.usage.input_tokens": input = try reader.readInteger()
        case "gen_ai.usage.output_tokens": output = try reader.readInteger()
        case "estimated": isEstimate = try reader.readBool()
        case "cost":
            cost = Double(String(decoding: line[try reader.skipValue()], as: UTF8.self))
        case "cache": cache = try reader.readString()
        case "store_failures": storeFailures = try reader.readInteger()
        default: _ = try reader.skipValue()
        }
    }
}
