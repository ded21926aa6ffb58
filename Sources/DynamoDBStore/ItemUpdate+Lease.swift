import JSONBytes
import Proxy

extension ItemUpdate {
    init(entering lease: Lease) {
        self.init(of: lease)
        add(.texts([LeaseMember(lease).text]), to: Attribute.leases)
        requireSize(of: Attribute.leases, below: lease.quota)
    }

    /// - Parameters:
    ///   - open: the leases that stay.
    ///   - found: what must still be there, so that none is lost that was noted meanwhile.
    init(entering lease: Lease, among open: [String], inPlaceOf found: [String]) {
        self.init(of: lease)
        set(Attribute.leases, .texts(open + [LeaseMember(lease).text]))
        require(Attribute.leases, is: found.isEmpty ? nil : .texts(found))
    }

    init(leaving lease: Lease) {
        self.init(of: lease)
        delete(.texts([LeaseMember(lease).text]), from: Attribute.leases)
    }

    /// Longer by a day than any request can be, so that one which ends early doesn't drop the item under others.
    private init(of lease: Lease) {
        self.init(of: "\(lease.scope)#open", expires: lease.expires + 2 * 86_400)
    }
}
