/// A request that is open, for no longer than it can be.
package struct Lease: Sendable, Hashable {
    package let scope: String
    /// Of the request.
    package let id: String
    /// How many may be open, this one included.
    package let quota: Int
    /// By then it isn't open any more, whatever has become of its process. In seconds since 1970.
    package let expires: Int64

    package init(_ scope: String, id: String, quota: Int, expires: Int64) {
        self.scope = scope
        self.id = id
        self.quota = quota
        self.expires = expires
    }
}
