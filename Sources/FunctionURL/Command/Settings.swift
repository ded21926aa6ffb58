/// Everything that was decided before the first connection.
struct Settings: Sendable {
    var host = "127.0.0.1"
    var port = 9000
    /// Seconds that one invocation may take.
    var timeout = 900.0
    var concurrency = 10
    /// One process with `AWS_LAMBDA_MAX_CONCURRENCY`, as on Lambda Managed Instances, instead of many.
    var isManagedInstance = false
    /// The absolute path of the runtime.
    var program = ""
    var cors: CORSConfiguration?
    var region = "us-east-1"
    var functionName = "local"

    /// What AWS refuses, as a body or as the event made of it.
    static let requestLimit = 6 * 1024 * 1024
    /// What AWS allows for the start, up to the first poll. Here a longer one is only remarked upon: debug builds.
    static let initSeconds: Int64 = 10
    /// From SIGTERM to SIGKILL, as on AWS.
    static let shutdownMilliseconds: Int64 = 500

    var environmentLimit: Int { isManagedInstance ? 1 : concurrency }
    var invocationsPerEnvironment: Int { isManagedInstance ? concurrency : 1 }
    var functionARN: String { "arn:aws:lambda:\(region):000000000000:function:\(functionName)" }
}
