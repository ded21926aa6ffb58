/// What is the same for all of a file: its name, for errors, and the environment.
struct LoadContext {
    let file: String
    let environment: [String: String]

    func error(_ line: Int?, _ message: String) -> ConfigurationError {
        ConfigurationError(file: file, line: line, message: message)
    }

    /// What is wrong with a variable that counts as missing, behind its name.
    func problem(ofMissing name: String) -> String {
        guard case .unusable(let reason) = VariableValue(environment[name], for: .secret) else { return "is not set" }
        return reason
    }
}
