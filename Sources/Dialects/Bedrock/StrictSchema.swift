import JSONBytes

/// A JSON schema with `"additionalProperties": false` in each object that says nothing about it. Models that follow JSON
/// schemas natively demand that.
enum StrictSchema {
    /// What a member of a schema contains.
    private enum Content { case schema, schemas, namedSchemas, data }

    /// Reads the schema once, however deep it is.
    static func text(of schema: JSONSlice) -> [UInt8] {
        let text = Array(schema.raw)
        var reader = JSONReader(text)
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        do throws(JSONError) {
            try copy(&reader, of: text, .schema, into: &output)
            return output
        } catch {
            return text
        }
    }

    private static func copy(
        _ reader: inout JSONReader, of text: [UInt8], _ content: Content, into output: inout [UInt8]
    ) throws(JSONError) {
        switch (content, try reader.peekKind()) {
        case (.schema, .object), (.namedSchemas, .object):
            try copyObject(&reader, of: text, isSchema: content == .schema, into: &output)
        case (.schemas, .array), (.schema, .array):
            output.append(UInt8(ascii: "["))
            var isFirst = true
            try reader.readArray { reader throws(JSONError) in
                if !isFirst { output.append(UInt8(ascii: ",")) }
                isFirst = false
                try copy(&reader, of: text, .schema, into: &output)
            }
            output.append(UInt8(ascii: "]"))
        default: output.append(contentsOf: text[try reader.skipValue()])
        }
    }

    private static func copyObject(
        _ reader: inout JSONReader, of text: [UInt8], isSchema: Bool, into output: inout [UInt8]
    ) throws(JSONError) {
        var (isObject, isClosed, isFirst) = (false, false, true)
        output.append(UInt8(ascii: "{"))
        try reader.readObject { key, reader throws(JSONError) in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONValue.string(key.text).write(to: &output)
            output.append(UInt8(ascii: ":"))
            if isSchema {
                if key == "properties" { isObject = true }
                if key == "additionalProperties" { isClosed = true }
                if key == "type", try reader.peeksObjectType(of: text) { isObject = true }
            }
            try copy(&reader, of: text, isSchema ? content(of: key) : .schema, into: &output)
        }
        if isSchema, isObject, !isClosed {
            output += (isFirst ? "" : ",").utf8
            output += #""additionalProperties":false"#.utf8
        }
        output.append(UInt8(ascii: "}"))
    }

    private static func content(of key: JSONKey) -> Content {
        switch key {
        case "properties", "$defs", "definitions", "patternProperties": .namedSchemas
        case "items", "not", "additionalProperties", "if", "then", "else", "contains": .schema
        case "anyOf", "oneOf", "allOf", "prefixItems": .schemas
        default: .data
        }
    }
}

extension JSONReader {
    /// Whether the next value is `"object"`. It isn't read.
    fileprivate func peeksObjectType(of text: [UInt8]) throws(JSONError) -> Bool {
        var reader = self
        return try text[reader.skipValue()].elementsEqual(#""object""#.utf8)
    }
}
