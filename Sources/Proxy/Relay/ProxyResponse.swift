import LambdaRuntime
import Transport

/// What the caller gets: all at once, or as it comes.
enum ProxyResponse {
    case whole(Prelude, [UInt8])
    case stream(Prelude, BodyPipe)
}

/// How the asking of upstreams went.
typealias Outcome = Result<ProxyResponse, ProxyError>
