/// A piece of a YAML document, and where it stands.
struct YAMLNode {
    indirect enum Value {
        /// `isPlain`: written without quotes, so that `true` and `5` mean what they look like.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([(key: String, line: Int, value: YAMLNode)])
    }

    let value: Value
    /// From 1.
    let line: Int

    /// Nothing stands behind the colon, or `null` or `~`.
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = value else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }
}
