/// A template that isn't YAML.
struct YAMLError: Error, Equatable {
    var line: Int
    var problem: String
}
