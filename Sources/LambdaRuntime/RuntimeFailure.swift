/// Why the runtime can't go on: the process ends, and Lambda starts another.
package struct RuntimeFailure: Error, Equatable {
    package let message: String

    init(_ message: String) { self.message = message }
}
