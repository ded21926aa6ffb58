/// Why it couldn't be counted.
package struct StoreError: Error, Equatable {
    /// For the owner's log: what happened, and what to do. No secrets.
    package let detail: String
    /// Whether the store has said nothing at all, so that the next call would wait in vain too.
    package let isSilent: Bool

    package init(_ detail: String, isSilent: Bool) {
        self.detail = detail
        self.isSilent = isSilent
    }
}
