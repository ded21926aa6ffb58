import JSONBytes

/// What DynamoDB says to an update.
struct ProxyResponse: Equatable {
    /// Such as `ThrottlingException`; empty if it isn't an error.
    private(set) var errorName = ""
    /// As it is after the update, or as it was if that was refused.
    private(set) var item: Item?

    /// Whether nothing was changed because the condition doesn't hold.
    var isRefusal: Bool { errorName == "ConditionalCheckFailedException" }

    init(_ bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes, maximumDepth: 16)
        var errorName = ""
        var item: Item?
        try reader.readObject { key, reader throws(JSONError) in
            switch key {
            case "__type": errorName = Self.name(try reader.readString())
            case "Attributes", "Item": item = try Item(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        self.errorName = errorName
        self.item = item
    }

    /// What stands behind the name space. It goes into the log, so it must look like a name.
    private static func name(_ type: String) -> String {
        String((type.split(separator: "#").last ?? "").prefix(64).filter { $0.isASCII && $0.isLetter })
    }
}
