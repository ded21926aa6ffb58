/// Whose fault an error is. Logs and metrics count by it.
enum Fault: String {
    case caller, policy, upstream, proxy
}
