import Proxy

/// A lease as a member of a set: when it expires, in seconds since 1970, a colon, and whose it is.
struct LeaseMember {
    let text: String

    init(_ lease: Lease) { text = "\(lease.expires):\(lease.id)" }

    init(_ text: String) { self.text = text }

    /// With some grace, because clocks differ. What isn't a lease is none that is open.
    /// - Parameter now: in seconds since 1970.
    func isOpen(at now: Int64) -> Bool {
        guard let colon = text.firstIndex(of: ":"), let expires = Int64(text[..<colon]) else { return false }
        return now - Self.grace < expires
    }

    /// In seconds.
    private static let grace: Int64 = 60
}
