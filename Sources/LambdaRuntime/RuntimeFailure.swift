/// Why the runtime can't go on: the process ends, and Lambda starts another.
package struct RuntimeFailure: Error, Equatable {
    package let message: String
    /// Whether the same call may well succeed a moment later.
    let isTransient: Bool

    init(_ message: String, isTransient: Bool = false) {
        self.message = message
        self.isTransient = isTransient
    }
}
