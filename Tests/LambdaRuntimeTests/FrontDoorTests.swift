import HTTPTypes
import JSONBytes
import Testing

@testable import LambdaRuntime

/// What an event becomes, for tests of its request.
func request(_ text: String, restAPIStreams: Bool = false) throws -> HTTPEvent {
    switch FrontDoors(restAPIStreams: restAPIStreams).open(Array(text.utf8)) {
    case .request(let request, _): request
    case .refused(let reason, let door): throw Refused(reason: reason, door: door)
    case .ping: throw Refused(reason: "a ping", door: nil)
    }
}

struct Refused: Error {
    let reason: String
    let door: FrontDoor?
}

@Suite struct FrontDoorTests {
    static let rest = #""httpMethod":"GET","path":"/a","requestContext":{"stage":"prod"}"#
    static let version2 = #""version":"2.0","rawPath":"/a""#

    @Test(
        "The door is seen from the event",
        arguments: [
            (#"{\#(version2),"requestContext":{"http":{"method":"GET"}}}"#, FrontDoor.functionURL),
            (
                #"{\#(version2),"requestContext":{"http":{"method":"GET"},"domainName":"x.lambda-url.eu-west-1.on.aws"}}"#,
                .functionURL
            ),
            (
                #"{\#(version2),"requestContext":{"http":{"method":"GET"},"domainName":"a.execute-api.eu-west-1.amazonaws.com"}}"#,
                .httpAPI
            ),
            (#"{\#(version2),"requestContext":{"http":{"method":"GET"},"domainName":"api.example.org"}}"#, .httpAPI),
            (#"{"version":"1.0",\#(rest)}"#, .httpAPI), (#"{\#(rest)}"#, .restAPI(streams: false)),
            (
                #"{"httpMethod":"GET","path":"/a","headers":{},"requestContext":{"elb":{"targetGroupArn":"arn"}}}"#,
                .loadBalancer(hasMultiValueHeaders: false)
            ),
            (
                #"{"multiValueHeaders":{},"httpMethod":"GET","path":"/a","requestContext":{"elb":{}}}"#,
                .loadBalancer(hasMultiValueHeaders: true)
            ),
            (#"{"path":"/a"}"#, .directInvocation), (#"{"server":"s","path":"a"}"#, .directInvocation),
        ])
    func seesDoor(event: String, door: FrontDoor) throws {
        guard case .request(let request, let seen) = FrontDoors().open(Array(event.utf8)) else {
            Issue.record("not a request")
            return
        }
        #expect(seen == door)
        #expect(request.path.hasSuffix("/a"))
    }

    @Test("Whether a REST API streams is said once")
    func streams() {
        let event = Array("{\(Self.rest)}".utf8)
        guard case .request(_, let door) = FrontDoors(restAPIStreams: true).open(event) else {
            Issue.record("not a request")
            return
        }
        #expect(door == .restAPI(streams: true))
        #expect(door.streams)
    }

    @Test(
        "Events that keep a function warm are recognized",
        arguments: [
            #"{"source":"serverless-plugin-warmup"}"#, #"{"warmer":true,"concurrency":3}"#, #"{"ping":true}"#,
            #"{"version":"0","source":"aws.events","detail-type":"Scheduled Event","detail":{}}"#,
            #"{"source":"aws.scheduler","detail-type":"Scheduled Event"}"#, #"{"warmup":true,"ping":false}"#,
            #"{"keep-warm":true}"#,
        ])
    func seesPings(event: String) { #expect(FrontDoors().open(Array(event.utf8)) == .ping) }

    @Test(
        "An event that fits no door is refused without one",
        arguments: [
            "", "null", "[]", "{}", #"{"warmer":false}"#, #"{"warmer":"yes"}"#, #"{"rawPath":"/"}"#,
            #"{"source":"aws.events","detail-type":"Other"}"#, #"{"requestContext":{}}"#, #"{"Records":[]}"#,
            #"{"path":"/a","requestContext":{}}"#,
        ])
    func refusesStrangers(event: String) throws {
        let refused = try #require(throws: Refused.self) { try request(event) }
        #expect(refused.door == nil)
        #expect(!refused.reason.isEmpty)
    }

    @Test(
        "A bad event of a known door is refused in that door's way",
        arguments: [
            (#"{"requestContext":{"http":{}}}"#, FrontDoor.functionURL, "requestContext.http.method"),
            (#"{"requestContext":{"http":{"method":"GET"}}}"#, .functionURL, "rawPath"),
            (#"{"rawPath":1,"requestContext":{"http":{"method":"GET"}}}"#, .functionURL, "'rawPath' is not a string"),
            (#"{"rawPath":"/","requestContext":{"http":1}}"#, .functionURL, "requestContext.http"),
            (#"{"rawPath":"/","requestContext":{"http":{"method":"A B"}}}"#, .functionURL, "method"),
            (#"{"httpMethod":"GET"}"#, .restAPI(streams: false), "path"),
            (#"{"httpMethod":"GET","path":"/","body":{}}"#, .restAPI(streams: false), "'body' is not a string"),
            (
                #"{"httpMethod":"GET","path":"/","body":"%","isBase64Encoded":true}"#, .restAPI(streams: false),
                "not base64"
            ),
            (#"{"httpMethod":"GET","path":"/","rawPath":"/"}"#, .restAPI(streams: false), "'rawPath'"),
            (#"{"httpMethod":"GET","path":"/","server":"s"}"#, .restAPI(streams: false), "'server'"),
            (
                #"{"rawPath":"/","httpMethod":"GET","requestContext":{"http":{"method":"GET"}}}"#, .functionURL,
                "'httpMethod'"
            ),
            (
                #"{"httpMethod":"GET","path":"/","requestContext":{"elb":{},"http":{"method":"GET"}}}"#,
                .loadBalancer(hasMultiValueHeaders: false), "requestContext.http"
            ),
            (#"{"server":"s"}"#, .directInvocation, "no 'path'"),
            (#"{"server":"","path":"/"}"#, .directInvocation, "empty"),
            (#"{"path":"/","headers":{"x-api-key":5}}"#, .directInvocation, "a value that is not a string"),
            (#"{"path":"/","key":5}"#, .directInvocation, "'key' is not a string"),
            (#"{"path":"/","method":"A B"}"#, .directInvocation, "method"),
            (#"{"path":"/","headers":[]}"#, .directInvocation, "'headers' is not an object"),
            (#"{"path":"/","isBase64Encoded":1}"#, .directInvocation, "'isBase64Encoded' is not true or false"),
        ])
    func refuses(event: String, door: FrontDoor, words: String) throws {
        let refused = try #require(throws: Refused.self) { try request(event) }
        #expect(refused.door == door)
        #expect(refused.reason.contains(words), "\(refused.reason)")
    }

    @Test("Only an HTTP API ends requests before the function does")
    func hasPatience() {
        #expect(FrontDoor.httpAPI.patience == 29_000)
        for door in [FrontDoor.functionURL, .restAPI(streams: false), .directInvocation] {
            #expect(door.patience == nil)
        }
    }
}
