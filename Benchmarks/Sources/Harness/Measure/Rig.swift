/// A caller and an upstream, with or without a program between them.
struct Rig {
    enum Kind: String, CaseIterable {
        case lambda
        case gateway
        case direct
    }

    let reactor = Reactor()
    let upstream: Upstream
    let caller: any Caller
    let subject: Subject?
    /// When a gateway first answered: only then is it known to be ready.
    private(set) var firstAnswer: UInt64?

    /// - Parameter command: The program with its arguments; none for `.direct`.
    init(_ kind: Kind, _ command: [String], _ work: Work, streams: Int = 1) throws(Fault) {
        upstream = try Upstream(work, reactor)
        var environment = [
            "UPSTREAM_PORT": "\(upstream.port)", "UPSTREAM_URL": "http://127.0.0.1:\(upstream.port)/v1",
        ]
        if streams > 1 { environment["AWS_LAMBDA_MAX_CONCURRENCY"] = "\(streams)" }
        switch kind {
        case .direct:
            subject = nil
            caller = try HTTPCaller(work, reactor, port: upstream.port, streams: streams)
        case .lambda:
            let api = try RuntimeAPI(work, reactor)
            environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:\(api.port)"
            subject = try Subject(command, environment, reactor)
            caller = api
        case .gateway:
            let port = try Sockets.freePort()
            environment["GATEWAY_PORT"] = "\(port)"
            let subject = try Subject(command, environment, reactor)
            firstAnswer = try GatewayStart.wait(for: subject, port: port, upstream)
            self.subject = subject
            caller = try HTTPCaller(work, reactor, port: port, streams: streams)
        }
    }

    /// Runs until the caller's events stop it.
    func run(_ events: any CallerEvents) throws(Fault) {
        caller.events = events
        // An HTTP client is idle from the beginning, but nothing reports it.
        if caller.idle > 0 { events.becameIdle() }
        try reactor.run()
    }
}
