import HTTPTypes

extension HTTPField.Name {
    static let xAPIKey = known("x-api-key")
    static let apiKey = known("api-key")
    static let shouldRetry = known("x-should-retry")

    /// For literals only, each of which is a valid name.
    static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name) ?? .trailer }
}
