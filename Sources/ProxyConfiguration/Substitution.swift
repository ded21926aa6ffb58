/// `${NAME}` and `${NAME:-default}`, as a shell reads them: an empty variable counts as not set.
struct Substitution {
    enum Failure: Error { case unclosed, badName }

    private(set) var text = ""
    /// Variables without a default that are not set.
    private(set) var missing: [String] = []

    init(_ template: String, _ environment: [String: String]) throws(Failure) {
        var rest = Substring(template)
        while let start = rest.firstIndex(of: "$") {
            text += rest[..<start]
            rest = rest[rest.index(after: start)...]
            guard rest.first == "{" else {
                text += "$"
                continue
            }
            guard let end = rest.firstIndex(of: "}") else { throw .unclosed }
            try expand(rest[rest.index(after: rest.startIndex)..<end], environment)
            rest = rest[rest.index(after: end)...]
        }
        text += rest
    }

    private mutating func expand(_ expression: Substring, _ environment: [String: String]) throws(Failure) {
        let nameEnd = expression.firstIndex { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
        let name = String(expression[..<(nameEnd ?? expression.endIndex)])
        let tail = expression[(nameEnd ?? expression.endIndex)...]
        guard let first = name.first, !first.isNumber, tail.isEmpty || tail.hasPrefix(":-") else {
            throw .badName
        }
        if let value = environment[name], !value.isEmpty {
            text += value
        } else if tail.isEmpty {
            missing.append(name)
        } else {
            text += tail.dropFirst(2)
        }
    }
}
