/// What holds for all servers.
package struct Settings: Sendable, Equatable {
    package var virtualKeys: [VirtualKey] = []
    /// Whoever knows the address may call. Off unless the owner says so.
    package var allowAnonymous = false

    package init() {}
}
