import Glibc
import Testing

@testable import CurlTransport

@Suite struct PollerTests {
    struct NoDescriptor: Error {}

    /// A pipe's ends: what is written to `in` can be read from `out`.
    private static func pipe() -> (out: Int32, in: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = Glibc.pipe(&ends)
        return (ends[0], ends[1])
    }

    private static func ready(_ poller: inout Poller) -> [Int32] {
        let count = poller.wait(upTo: 0)
        return (0..<count).map { poller[$0].descriptor }
    }

    @Test("A descriptor is reported as long as it has something to read")
    func tellsWhatHasCome() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        poller.setInterest(Poller.readable, of: ends.out)
        #expect(Self.ready(&poller) == [])
        write(ends.in, "a", 1)
        #expect(Self.ready(&poller) == [ends.out])
        #expect(poller[0].events == Poller.readable)
        #expect(Self.ready(&poller) == [ends.out])
    }

    @Test("A descriptor that was forgotten or is no longer watched isn't reported")
    func forgets() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        write(ends.in, "a", 1)
        for _ in 0..<2 {
            poller.setInterest(Poller.readable, of: ends.out)
            #expect(Self.ready(&poller) == [ends.out])
            poller.setInterest(0, of: ends.out)
            #expect(Self.ready(&poller) == [])
            poller.setInterest(Poller.readable, of: ends.out)
            #expect(Self.ready(&poller) == [ends.out])
            poller.remove(ends.out)
            #expect(Self.ready(&poller) == [])
        }
        poller.remove(Int32.max)
    }

    @Test("The number of a closed descriptor may be used again")
    func takesNumbersAgain() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        poller.setInterest(Poller.readable, of: ends.out)
        #expect(Self.ready(&poller) == [])
        poller.remove(ends.out)
        let others = Self.pipe()
        defer { for end in [others.out, others.in] { close(end) } }
        dup2(others.out, ends.out)
        poller.setInterest(Poller.readable, of: ends.out)
        write(others.in, "a", 1)
        #expect(Self.ready(&poller) == [ends.out])
    }

    @Test("Interest in writing reaches the kernel at the next wait, unless it is gone by then")
    func knowsUntoldWriters() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        poller.setInterest(Poller.readable, of: ends.out)
        #expect(poller.unregisteredWriters == [])
        poller.setInterest(Poller.writable, of: ends.in)
        #expect(poller.unregisteredWriters == [ends.in])
        poller.setInterest(0, of: ends.in)
        #expect(poller.unregisteredWriters == [])
        #expect(Self.ready(&poller) == [])
        poller.setInterest(Poller.writable, of: ends.in)
        #expect(Self.ready(&poller) == [ends.in])
        #expect(poller.unregisteredWriters == [])
    }

    @Test("An alarm ends every wait until it is silenced")
    func rings() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let alarm = try #require(Alarm())
        poller.setInterest(Poller.readable, of: alarm.descriptor)
        #expect(Self.ready(&poller) == [])
        alarm.ring()
        alarm.ring()
        #expect(Self.ready(&poller) == [alarm.descriptor])
        alarm.silence()
        #expect(Self.ready(&poller) == [])
    }

    @Test("The kernel isn't told about writing to a resting descriptor until it is stirred or watched again")
    func suspendIfDrained() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        let writer = ends.in
        poller.setInterest(Poller.writable, of: writer)
        #expect(poller.unregisteredWriters == [writer])
        poller.suspendWrites(writer)
        #expect(poller.unregisteredWriters == [])
        #expect(Self.ready(&poller) == [])
        poller.resumeWrites(writer)
        #expect(poller.unregisteredWriters == [writer])
        poller.suspendWrites(writer)
        #expect(Self.ready(&poller) == [])
        poller.setInterest(Poller.writable, of: writer)
        #expect(Self.ready(&poller) == [writer])
        poller.resumeWrites(writer)
        #expect(poller.unregisteredWriters == [])
    }

    @Test("An unknown or forgotten descriptor can't be stirred")
    func stirsNobody() throws {
        guard var poller = Poller() else { throw NoDescriptor() }
        poller.resumeWrites(-1)
        poller.resumeWrites(1000)
        let ends = Self.pipe()
        defer { for end in [ends.out, ends.in] { close(end) } }
        poller.setInterest(Poller.writable, of: ends.in)
        poller.suspendWrites(ends.in)
        poller.remove(ends.in)
        poller.resumeWrites(ends.in)
        #expect(poller.unregisteredWriters == [])
        let isWriter = poller.waitsOnlyToWrite(ends.in)
        #expect(!isWriter)
    }
}
