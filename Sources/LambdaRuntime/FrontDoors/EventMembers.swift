import HTTPTypes
import JSONBytes

/// The members of an event that some front door uses. Whether they fit together is decided when all have been read,
/// since they come in any order.
struct EventMembers {
    var texts = Texts()
    var fields = FieldReader()
    var body = Body.none
    var isBase64 = false
    /// Where the members begin that few doors have. They are read once the door is known.
    var places = Places()
    /// The first member of a wrong type.
    private(set) var problem: EventProblem?
    private(set) var hasContext = false
    private(set) var isScheduled = false
    /// A member such as `"warmup": true`.
    private(set) var hasPingMark = false

    /// The members that are strings.
    struct Texts {
        var rawPath, path, httpMethod, source: String?
        var query = ""
        var contextMethod: String?
        // Of a direct invocation.
        var server, method, key: String?
    }

    struct Places {
        var version, http, loadBalancer, authorizer, identity, route, domainName, stage: Int?
        var multiValueHeaders, parameters, multiValueParameters, pathParameters: Int?
    }

    enum Body {
        case none
        case text([UInt8])
        /// A value that isn't a string: its JSON text.
        case json(Range<Int>)
    }

    init(_ payload: [UInt8]) throws(JSONError) {
        var reader = JSONReader(payload)
        try reader.readObject { key, reader throws(JSONError) in try read(key, &reader) }
        try reader.finish()
    }

    private mutating func read(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) {
        // A null member counts as absent.
        guard try reader.peekKind() != .null else { return try _ = reader.skipValue() }
        switch key {
        // Those of a function URL come first, because each comparison takes time.
        case "version": places.version = try reader.skipValue().lowerBound
        case "routeKey", "resource": places.route = try reader.skipValue().lowerBound
        case "rawPath": texts.rawPath = try string(key, &reader)
        case "rawQueryString": if let query = try string(key, &reader) { texts.query = query }
        case "headers": try readHeaders(&reader)
        case "requestContext": try readContext(&reader)
        case "body": try readBody(&reader)
        case "isBase64Encoded": try readIsBase64(&reader)
        case "path": texts.path = try string(key, &reader)
        case "httpMethod": texts.httpMethod = try string(key, &reader)
        case "multiValueHeaders": places.multiValueHeaders = try place(key, &reader)
        case "queryStringParameters": places.parameters = try place(key, &reader)
        case "multiValueQueryStringParameters": places.multiValueParameters = try place(key, &reader)
        case "pathParameters": places.pathParameters = try place(key, &reader)
        case "server": texts.server = try string(key, &reader)
        case "method": texts.method = try string(key, &reader)
        case "key": texts.key = try string(key, &reader)
        case "source": texts.source = try string(key, &reader)
        case "detail-type": isScheduled = try string(key, &reader)?.utf8.elementsEqual("Scheduled Event".utf8) ?? false
        case "warmer", "warmup", "ping", "keep-warm":
            let isMarked = try isTrue(&reader)
            hasPingMark = hasPingMark || isMarked
        default: try reader.skipValue()
        }
    }

    private mutating func readHeaders(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .object else { return try misread("headers", "an object", &reader) }
        try reader.readObject { name, reader throws(JSONError) in try fields.read(name, &reader) }
    }

    private mutating func readBody(_ reader: inout JSONReader) throws(JSONError) {
        if try reader.peekKind() == .string {
            body = .text(try reader.readStringBytes())
        } else {
            body = .json(try reader.skipValue())
        }
    }

    private mutating func readIsBase64(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.peekKind() == .bool else {
            return try misread("isBase64Encoded", "true or false", &reader)
        }
        isBase64 = try reader.readBool()
    }

    private mutating func readContext(_ reader: inout JSONReader) throws(JSONError) {
        hasContext = true
        guard try reader.peekKind() == .object else { return try misread("requestContext", "an object", &reader) }
        try reader.readObject { key, reader throws(JSONError) in
            guard try reader.peekKind() != .null else { return try _ = reader.skipValue() }
            switch key {
            case "http": try readHTTP(&reader)
            case "domainName": places.domainName = try reader.skipValue().lowerBound
            case "stage": places.stage = try reader.skipValue().lowerBound
            case "elb": places.loadBalancer = try reader.skipValue().lowerBound
            // Whether these can be used depends on the settings, so a wrong type is no problem here.
            case "authorizer": places.authorizer = try reader.skipValue().lowerBound
            case "identity": places.identity = try reader.skipValue().lowerBound
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readHTTP(_ reader: inout JSONReader) throws(JSONError) {
        places.http = reader.position
        guard try reader.peekKind() == .object else { return try misread("requestContext.http", "an object", &reader) }
        try reader.readObject { key, reader throws(JSONError) in
            guard key == "method", try reader.peekKind() != .null else { return try _ = reader.skipValue() }
            texts.contextMethod = try string(key, &reader)
        }
    }
}

extension EventMembers {
    /// - Returns: nil for a value of another type, which is noted.
    private mutating func string(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) -> String? {
        guard try reader.peekKind() == .string else {
            try misread(key.text, "a string", &reader)
            return nil
        }
        return try reader.readString()
    }

    /// - Returns: where an object begins; nil for a value of another type, which is noted.
    private mutating func place(_ key: JSONKey, _ reader: inout JSONReader) throws(JSONError) -> Int? {
        guard try reader.peekKind() == .object else {
            try misread(key.text, "an object", &reader)
            return nil
        }
        return try reader.skipValue().lowerBound
    }

    private func isTrue(_ reader: inout JSONReader) throws(JSONError) -> Bool {
        guard try reader.peekKind() != .bool else { return try reader.readBool() }
        try reader.skipValue()
        return false
    }

    private mutating func misread(
        _ name: String, _ expected: String, _ reader: inout JSONReader
    ) throws(JSONError) {
        problem = problem ?? EventProblem("the event's '\(name)' is not \(expected)")
        try reader.skipValue()
    }
}

/// Why an event whose door is known can't be used: a phrase without a full stop.
struct EventProblem: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
