/// Why a text is not the YAML that can be read here.
package struct YAMLError: Error, Equatable {
    /// From 1.
    package let line: Int
    package let message: String
}
