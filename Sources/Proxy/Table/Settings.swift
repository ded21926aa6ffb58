/// What holds for all servers.
package struct Settings: Sendable, Equatable {
    package var virtualKeys: [VirtualKey] = []
    /// Whoever knows the address may call. Off unless the owner says so.
    package var allowAnonymous = false
    /// Kept back from an invocation's time, to tell the caller what has happened. In milliseconds.
    package var deadlineMargin = 1000
    /// Where it is counted what has been used.
    package var store = StoreLocation.memory
    /// Whether a request may pass when it can't be counted.
    package var allowsWithoutStore = true

    package init() {}
}

package enum StoreLocation: Sendable, Equatable {
    /// In this process, which knows of no other.
    case memory
    /// - Parameters:
    ///   - region: nil for that of the function.
    ///   - endpoint: the URL, without a slash at its end; nil for AWS's own.
    case dynamoDB(table: String, region: String?, endpoint: String?)
}
