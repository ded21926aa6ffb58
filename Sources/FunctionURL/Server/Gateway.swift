/// The function URL itself: decides what a request becomes, an answer of AWS's own or an invocation.
///
/// Confined to the event loop.
final class Gateway {
    private let settings: Settings
    private let fleet: Fleet
    private let log: Log

    init(settings: Settings, fleet: Fleet, log: Log) {
        self.settings = settings
        self.fleet = fleet
        self.log = log
    }

    func handle(_ request: CallerRequest, isTooLarge: Bool, from caller: Caller) {
        if let preflight = settings.cors?.preflightAnswer(method: request.method, headers: request.headers) {
            return caller.respond(preflight, body: [])
        }
        caller.extraFields = settings.cors?.answerFields(origin: request.headers.first("origin")) ?? []
        let identity = InvocationIdentity(request)
        caller.extraFields.append(HeaderField("x-amzn-requestid", identity.requestID))
        let label = "\(request.method) \(request.rawPath)"
        let event = isTooLarge ? nil : event(for: request, identity)
        guard let event, event.count <= Settings.requestLimit else {
            log.note("\(label): \(Failure.requestTooLarge.sentence)")
            let (head, body) = Failure.requestTooLarge.answer
            return caller.respond(head, body: body)
        }
        fleet.submit(Invocation(identity, event: event, caller: caller, label: label))
    }

    /// Nil if the request can't be written as an event, which nothing that HTTP lets through causes.
    private func event(for request: CallerRequest, _ identity: InvocationIdentity) -> [UInt8]? {
        try? FunctionURLEvent(
            request, requestID: identity.requestID, traceID: identity.traceID,
            epochMilliseconds: identity.epochMilliseconds, region: settings.region
        ).encoded()
    }
}
