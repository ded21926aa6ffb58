import JSONBytes

/// An error that DynamoDB answers with.
struct TableError: Error {
    let name: String
    let message: String
    /// The JSON text of the item whose condition failed.
    var item: [UInt8]?

    init(_ name: String, _ message: String) { (self.name, self.message) = (name, message) }

    static func validation(_ message: String) -> TableError { TableError("ValidationException", message) }

    static func serialization(_ message: String) -> TableError { TableError("SerializationException", message) }

    static let conditionFailed = TableError("ConditionalCheckFailedException", "The conditional request failed")

    /// All but the server's own failures have 400:
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
    var status: Int {
        switch name {
        case "InternalServerError": 500
        case "ServiceUnavailable": 503
        default: 400
        }
    }

    var body: [UInt8] {
        var writer = JSONObjectWriter(capacity: 256)
        writer.add("__type", "\(namespace)#\(name)")
        writer.add("message", message)
        if let item { writer.add("Item", json: item) }
        writer.end()
        return writer.bytes
    }

    /// Errors that all of AWS's services have come from their common framework.
    private var namespace: String {
        switch name {
        case "ValidationException": "com.amazon.coral.validate"
        case "ThrottlingException": "com.amazon.coral.availability"
        case "SerializationException", "UnknownOperationException", "AccessDeniedException",
            "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
            "MissingAuthenticationTokenException", "IncompleteSignatureException":
            "com.amazon.coral.service"
        default: "com.amazonaws.dynamodb.v20120810"
        }
    }
}
