/// The endpoints of the Runtime API and the Extensions API that are served here.
enum RuntimeRoute: Equatable {
    case next
    case response(requestID: String)
    case error(requestID: String)
    case initError
    case extensionRegister
    case extensionNext
    case unknown

    init(method: String, target: String) {
        let parts = target.prefix { $0 != "?" }.split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst().map(String.init)
        switch (method, parts.first ?? "", Array(parts.dropFirst())) {
        case ("GET", runtimeVersion, ["runtime", "invocation", "next"]): self = .next
        case ("POST", runtimeVersion, ["runtime", "init", "error"]): self = .initError
        case ("POST", extensionVersion, ["extension", "register"]): self = .extensionRegister
        case ("GET", extensionVersion, ["extension", "event", "next"]): self = .extensionNext
        case ("POST", runtimeVersion, let rest) where rest.count == 4 && rest.starts(with: ["runtime", "invocation"]):
            switch rest[3] {
            case "response": self = .response(requestID: rest[2])
            case "error": self = .error(requestID: rest[2])
            default: self = .unknown
            }
        default: self = .unknown
        }
    }
}

private let runtimeVersion = "2018-06-01"
private let extensionVersion = "2020-01-01"
