package import HTTPTypes

extension HTTPField.Name {
    /// A name that is written in the source, so that it is a valid one.
    package static func known(_ name: StaticString) -> HTTPField.Name { HTTPField.Name("\(name)") ?? .trailer }
}
