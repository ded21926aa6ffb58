import Digests
import HTTPTypes
import JSONBytes

/// The request that an event stands for.
extension EventMembers {
    /// - Parameter payload: the event.
    func request(through door: FrontDoor, _ payload: [UInt8]) throws(EventProblem) -> HTTPEvent {
        if let problem { throw problem }
        if let foreign = foreignMember(at: door) {
            throw EventProblem("the event has '\(foreign)', which belongs to an event of another kind")
        }
        guard door != .directInvocation else { return try directRequest(payload) }
        let isVersion2 = places.http != nil && places.loadBalancer == nil
        guard let method = isVersion2 ? texts.contextMethod : texts.httpMethod else {
            throw EventProblem("the event has no '\(isVersion2 ? "requestContext.http.method" : "httpMethod")'")
        }
        guard let path = isVersion2 ? texts.rawPath : texts.path else {
            throw EventProblem("the event has no '\(isVersion2 ? "rawPath" : "path")'")
        }
        guard let method = HTTPRequest.Method(method) else {
            throw EventProblem("the event's HTTP method is not valid")
        }
        var event = HTTPEvent(
            method: method, path: path, query: texts.query, fields: fields.fields, body: try wholeBody())
        event.hasTooManyFields = fields.hasTooMany
        if door != .functionURL { try complete(&event, through: door, payload) }
        return event
    }

    /// Reads what the events of function URLs don't have.
    private func complete(
        _ event: inout HTTPEvent, through door: FrontDoor, _ payload: [UInt8]
    ) throws(EventProblem) {
        let isLoadBalanced = places.loadBalancer != nil
        do throws(JSONError) {
            if places.http == nil || isLoadBalanced {
                // API Gateway decodes the names and values, a load balancer doesn't.
                event.query = try query(isDecoded: !isLoadBalanced, payload)
                if let place = places.multiValueHeaders { try readHeaders(at: place, of: payload, &event) }
            }
            guard !isLoadBalanced else { return }
            event.path = try pathBelowStage(event.path, payload)
            event.sender = try gatewayIdentity(payload).map { .gateway($0) } ?? .anybody
        } catch {
            throw EventProblem("the event can't be read: \(error)")
        }
    }

    private func readHeaders(at place: Int, of payload: [UInt8], _ event: inout HTTPEvent) throws(JSONError) {
        var reader = JSONReader(payload, from: place)
        var all = FieldReader()
        try all.readLists(&reader)
        event.fields = all.fields
        event.hasTooManyFields = all.hasTooMany
    }

    func wholeBody() throws(EventProblem) -> [UInt8] {
        switch body {
        case .none: return []
        case .json: throw EventProblem("the event's 'body' is not a string")
        case .text(let text):
            guard isBase64 else { return text }
            guard let decoded = Base64.decode(text) else {
                throw EventProblem("the event's 'body' is not base64, although 'isBase64Encoded' is true")
            }
            return decoded
        }
    }
}
