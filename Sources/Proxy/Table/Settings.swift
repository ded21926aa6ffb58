/// What holds for all servers.
package struct Settings: Sendable, Equatable {
    package var virtualKeys: [VirtualKey] = []
    /// Whoever knows the address may call. Off unless the owner says so.
    package var allowAnonymous = false
    /// Kept back from an invocation's time, to tell the caller what has happened. In milliseconds.
    package var deadlineMargin = 1000

    package init() {}
}
