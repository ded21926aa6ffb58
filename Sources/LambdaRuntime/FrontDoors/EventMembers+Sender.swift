import JSONBytes

extension EventMembers {
    /// What API Gateway says about a caller that it has checked; nil if it has checked none. Members of another type
    /// count as absent.
    func gatewayIdentity(_ payload: [UInt8]) throws(JSONError) -> GatewayIdentity? {
        var identity = GatewayIdentity()
        if let place = places.identity {
            try Self.readMembers(of: payload, at: place) { key, reader throws(JSONError) in
                // Beside it is `apiKey`, the key itself, which isn't needed.
                if key == "apiKeyId" { identity.keyID = try Self.text(&reader) } else { try reader.skipValue() }
            }
        }
        if let place = places.authorizer {
            try Self.readMembers(of: payload, at: place) { key, reader throws(JSONError) in
                switch key {
                case "claims": identity.claims = try Self.object(in: payload, &reader)
                case "principalId": identity.principal = try Self.text(&reader)
                case "jwt":
                    let jwt = reader.position
                    try reader.skipValue()
                    try Self.readMembers(of: payload, at: jwt) { key, reader throws(JSONError) in
                        if key == "claims" {
                            identity.claims = try Self.object(in: payload, &reader)
                        } else {
                            try reader.skipValue()
                        }
                    }
                default: try reader.skipValue()
                }
            }
        }
        return identity == GatewayIdentity() ? nil : identity
    }

    /// Reads an object, or skips anything else.
    private static func readMembers(
        of payload: [UInt8], at place: Int, _ read: (JSONKey, inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        var reader = JSONReader(payload, from: place)
        guard try reader.peekKind() == .object else { return }
        try reader.readObject { key, reader throws(JSONError) in
            // Finds where the value begins.
            _ = try reader.peekKind()
            try read(key, &reader)
        }
    }

    /// - Returns: nil for an empty text, and for anything that isn't a text.
    private static func text(_ reader: inout JSONReader) throws(JSONError) -> String? {
        guard try reader.peekKind() == .string else {
            try reader.skipValue()
            return nil
        }
        let text = try reader.readString()
        return text.isEmpty ? nil : text
    }

    private static func object(in payload: [UInt8], _ reader: inout JSONReader) throws(JSONError) -> [UInt8]? {
        let isObject = try reader.peekKind() == .object
        let place = try reader.skipValue()
        return isObject ? Array(payload[place]) : nil
    }
}
