import ArgumentParser
import FoundationEssentials

/// The options that choose what stands in front of the function.
struct DoorOptions: ParsableArguments {
    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case functionURL = "function-url"
        case rest
        case restBuffered = "rest-buffered"
        case httpAPI = "http-api"
        case alb

        var isREST: Bool { self == .rest || self == .restBuffered }
    }

    @Option(
        help: ArgumentHelp(
            "What stands in front of the function.",
            discussion: """
                function-url: a function URL that streams; rest: a REST API of API Gateway with ResponseTransferMode \
                STREAM; rest-buffered: the same with BUFFERED; http-api: an HTTP API of API Gateway; alb: an \
                Application Load Balancer. Only the first two stream.
                """))
    var door = Kind.functionURL

    @Option(
        help: ArgumentHelp(
            "After this time the caller of an API gets 504 (rest, rest-buffered) or 503 (http-api); the function goes on.",
            discussion: """
                Like the integration's timeout on AWS. The default and the maximum are 29 for rest-buffered and 30 for \
                http-api; rest has none of its own unless it is set, which also cuts streams. An earlier end of --timeout is the function's \
                failure, as on AWS: 502, or 500 for http-api.
                """, valueName: "seconds"))
    var integrationTimeout: Double?

    @Option(
        help: ArgumentHelp(
            "A media type of a REST API's binaryMediaTypes, such as multipart/form-data or */*. May be repeated.",
            discussion: """
                Only bodies of these types reach the function as base64. Others are read as UTF-8, which breaks files. \
                Base64 in a buffered answer is decoded if the request's first Accept type is one of these. (default: \
                none, as on AWS)
                """, valueName: "type"))
    var binaryMediaType: [String] = []

    @Flag(help: "Let a load balancer use multiValueHeaders and multiValueQueryStringParameters, as its attribute does.")
    var multiValueHeaders = false

    @Option(
        help: ArgumentHelp(
            "An API key of a REST API's usage plan. May be repeated. Requests other than OPTIONS then need one.",
            discussion: "Sent in x-api-key. The value has 20 to 128 characters.", valueName: "name=value"))
    var apiKey: [String] = []

    @Option(help: ArgumentHelp("The usage plan's rate limit for each key, in requests per second.", valueName: "n"))
    var rate: Double?

    @Option(help: ArgumentHelp("The usage plan's burst limit for each key, in requests.", valueName: "n"))
    var burst: Int?

    @Option(help: ArgumentHelp("The usage plan's quota for each key, such as 1000/day.", valueName: "n/day|week|month"))
    var quota: String?

    @Option(
        help: ArgumentHelp(
            "A JSON object: what an authorizer of the API found in the caller's token.",
            discussion: "It becomes requestContext.authorizer.claims, or authorizer.jwt.claims for http-api.",
            valueName: "file"))
    var authorizerClaims: String?

    func validate() throws {
        try demand(binaryMediaType.isEmpty || door.isREST, "--binary-media-type", doors: "rest and rest-buffered")
        try demand(apiKey.isEmpty || door.isREST, "--api-key", doors: "rest and rest-buffered")
        try demand(!multiValueHeaders || door == .alb, "--multi-value-headers", doors: "alb")
        let isAPI = door.isREST || door == .httpAPI
        try demand(authorizerClaims == nil || isAPI, "--authorizer-claims", doors: "rest, rest-buffered and http-api")
        try demand(
            integrationTimeout == nil || isAPI, "--integration-timeout", doors: "rest, rest-buffered and http-api")
        let longest = door == .rest ? 900.0 : door == .restBuffered ? 29 : 30
        if let integrationTimeout, !(0.05...longest).contains(integrationTimeout) {
            throw ValidationError(
                "--integration-timeout must be between 0.05 and \(Int(longest)) for \(door.rawValue).")
        }
        _ = try usagePlan()
    }

    private func demand(_ holds: Bool, _ option: String, doors: String) throws {
        guard holds else { throw ValidationError("\(option) is for --door \(doors) only.") }
    }

    /// Nil without keys.
    func usagePlan() throws -> UsagePlan? {
        guard (rate == nil) == (burst == nil) else { throw ValidationError("--rate and --burst need each other.") }
        guard !apiKey.isEmpty else {
            guard rate == nil, quota == nil else {
                throw ValidationError("--rate and --quota limit keys: add one with --api-key NAME=VALUE.")
            }
            return nil
        }
        let keys = try apiKey.map { text in
            guard let key = APIKey(text) else {
                throw ValidationError("--api-key must be NAME=VALUE, with a value of 20 to 128 characters, as on AWS.")
            }
            return key
        }
        guard Set(keys.map(\.name)).count == keys.count, Set(keys.map(\.value)).count == keys.count else {
            throw ValidationError("Two keys of --api-key have the same name or value.")
        }
        return UsagePlan(keys: keys, throttle: try throttle(), quota: try quota.map(Self.readQuota))
    }

    private func throttle() throws -> UsagePlan.Throttle? {
        guard let rate, let burst else { return nil }
        guard rate > 0, rate.isFinite, burst > 0 else {
            throw ValidationError("--rate and --burst must be more than 0.")
        }
        return UsagePlan.Throttle(rate: rate, burst: burst)
    }

    private static func readQuota(_ text: String) throws -> UsagePlan.Quota {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let limit = Int(parts[0]), limit > 0,
            let period = UsagePlan.Quota.Period(rawValue: String(parts[1]))
        else { throw ValidationError("--quota must be like 1000/day, 1000/week or 1000/month.") }
        return UsagePlan.Quota(limit: limit, period: period)
    }

    /// The door with its settings. Reads the file of claims.
    func makeDoor() throws -> any Door {
        switch door {
        case .functionURL: return FunctionURLDoor()
        case .alb: return LoadBalancerDoor(hasMultiValueHeaders: multiValueHeaders)
        case .httpAPI:
            return HTTPAPIDoor(timeLimit: integrationTimeout ?? 30, claims: try claims())
        case .rest, .restBuffered:
            var rest = RESTDoor(streams: door == .rest, timeLimit: integrationTimeout)
            rest.binaryMediaTypes = binaryMediaType
            rest.claims = try claims()
            return rest
        }
    }

    private func claims() throws -> JSON? {
        guard let path = authorizerClaims else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartError("Can't read the claims \(path).")
        }
        guard let claims = try? JSONDecoder().decode(JSON.self, from: data), case .object = claims else {
            throw StartError("\(path) must hold one JSON object: the claims of a token.")
        }
        return claims
    }
}
