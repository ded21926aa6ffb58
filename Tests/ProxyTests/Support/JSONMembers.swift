import JSONBytes

/// The members of a JSON object, each value as it is written.
func jsonMembers(of text: some Sequence<UInt8>) throws -> [String: String] {
    let json = Array(text)
    var members: [String: String] = [:]
    var reader = JSONReader(json)
    try reader.readObject { key, reader throws(JSONError) in
        members[key.text] = String(decoding: json[try reader.skipValue()], as: UTF8.self)
    }
    return members
}
