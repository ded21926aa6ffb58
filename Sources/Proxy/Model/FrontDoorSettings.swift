/// What applies to events of other kinds than a function URL's.
package struct FrontDoorSettings: Sendable, Equatable {
    /// Whether the integration of a REST API of API Gateway streams responses.
    package var restAPIStreams = false
    /// The origins of pages that may call the proxy through doors that leave CORS to the function: as browsers send
    /// them, or `*`.
    package var allowedOrigins: [String] = []
    /// What callers may use whom API Gateway has checked; nil if its word doesn't count.
    package var gatewayCallers: CallerGrant?
    /// What callers may use whom IAM lets invoke the function; nil if they may not use anything.
    package var directInvocation: CallerGrant?

    package init() {}
}

/// What a kind of callers may use, and how much of it.
package struct CallerGrant: Sendable, Equatable {
    package var permissions = Permissions()
    package var limits = CallerLimits()

    package init(_ permissions: Permissions = Permissions(), _ limits: CallerLimits = CallerLimits()) {
        self.permissions = permissions
        self.limits = limits
    }
}
