import JSONBytes

/// What an event came through, which says what the answer must look like.
package enum FrontDoor: Equatable, Sendable {
    case functionURL
    /// An HTTP API of API Gateway, with either payload format.
    case httpAPI
    /// A REST API of API Gateway.
    case restAPI(streams: Bool)
    /// An Application Load Balancer.
    case loadBalancer(hasMultiValueHeaders: Bool)
    /// Somebody has called Lambda's own API: a workflow, a program or `aws lambda invoke`.
    case directInvocation
}

extension FrontDoor {
    /// Whether the answer is streamed. If not, it is one JSON document.
    package var streams: Bool {
        switch self {
        case .functionURL, .restAPI(streams: true): true
        case .httpAPI, .restAPI(streams: false), .loadBalancer, .directInvocation: false
        }
    }

    /// Whether the function itself must answer browsers' preflight requests, and name the origins that may read its
    /// answers. AWS does that for a function URL and an HTTP API.
    package var leavesCORS: Bool {
        switch self {
        case .restAPI, .loadBalancer: true
        case .functionURL, .httpAPI, .directInvocation: false
        }
    }

    /// After how many milliseconds the door gives up, whatever the function's own time limit is. An HTTP API's 30 s
    /// can't be raised; one second is for the way back.
    ///
    /// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
    package var patience: Int64? { self == .httpAPI ? 29_000 : nil }

    /// For logs.
    package var name: String {
        switch self {
        case .functionURL: "function_url"
        case .httpAPI: "http_api"
        case .restAPI: "rest_api"
        case .loadBalancer: "load_balancer"
        case .directInvocation: "direct"
        }
    }
}

/// Turns events into requests.
package struct FrontDoors: Sendable {
    /// Whether the integration of a REST API streams. Its events don't tell.
    private let restAPIStreams: Bool

    package init(restAPIStreams: Bool = false) { self.restAPIStreams = restAPIStreams }

    /// What an event asks for.
    package enum Arrival: Equatable, Sendable {
        case request(HTTPEvent, FrontDoor)
        /// Only keeps the function warm.
        case ping
        /// - Parameters:
        ///   - reason: a phrase without a full stop.
        ///   - door: nil if the event fits none.
        case refused(_ reason: String, FrontDoor?)
    }

    package func open(_ payload: [UInt8]) -> Arrival {
        let members: EventMembers
        do throws(JSONError) {
            members = try EventMembers(payload)
        } catch {
            return .refused("the event can't be read: \(error)", nil)
        }
        guard let door = members.door(restAPIStreams: restAPIStreams, payload) else {
            return members.isPing ? .ping : .refused(members.strangeness, nil)
        }
        do throws(EventProblem) {
            return .request(try members.request(through: door, payload), door)
        } catch {
            return .refused(error.reason, door)
        }
    }
}
