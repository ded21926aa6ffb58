/// What is the same for all of a file: its name, for errors, and the environment.
struct LoadContext {
    let file: String
    let environment: [String: String]

    func error(_ line: Int?, _ message: String) -> ConfigurationError {
        ConfigurationError(file: file, line: line, message: message)
    }

    func unknownKey(_ key: String, _ line: Int, in title: String, among keys: [String]) -> ConfigurationError {
        error(line, "\(title) has an unknown key '\(key)'; \(NearestName.hint(key, among: keys))")
    }
}
