/// A request of a runtime or an extension to Lambda.
enum RuntimeRequest {
    case next
    case response(Int)
    case error
    case register
    case extensionNext

    init?(_ target: Substring) {
        switch target {
        case "/2018-06-01/runtime/invocation/next": self = .next
        case "/2020-01-01/extension/register": self = .register
        case "/2020-01-01/extension/event/next": self = .extensionNext
        default:
            let parts = target.split(separator: "/")
            guard let last = parts.last else { return nil }
            if last == "error" {
                self = .error
            } else if last == "response", let id = Int(parts[parts.count - 2]) {
                self = .response(id)
            } else {
                return nil
            }
        }
    }
}
