/// The CORS configuration of a function URL, with AWS's names.
///
/// https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
struct CORSConfiguration: Equatable, Sendable {
    var allowOrigins: [String] = []
    var allowMethods: [String] = []
    var allowHeaders: [String] = []
    var exposeHeaders: [String] = []
    var allowCredentials = false
    var maxAge: Int?
}
