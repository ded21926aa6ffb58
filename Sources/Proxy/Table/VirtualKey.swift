/// A key that the owner gives out to a client.
package struct VirtualKey: Sendable, Equatable {
    /// Stands for the key in logs.
    package var name: String
    package var digest: KeyDigest

    package init(name: String, digest: KeyDigest) {
        self.name = name
        self.digest = digest
    }
}
