import Testing
import Transport

@testable import Proxy

@Suite struct RemainingTimeTests {
    private static var limits: TimeLimits {
        var limits = TimeLimits()
        limits.connect = 5000
        limits.firstByte = 60_000
        limits.idle = 30_000
        limits.total = 900_000
        limits.silence = 15_000
        return limits
    }

    @Test("All limits are cut to the time left, and none is made longer")
    func cuts() {
        var expected = Self.limits
        expected.total = 40_000
        expected.firstByte = 40_000
        #expect(RemainingTime(server: 800_000, invocation: 40_000).cut(Self.limits) == expected)
        expected.total = 300
        (expected.connect, expected.firstByte, expected.idle) = (300, 300, 300)
        #expect(RemainingTime(server: 300, invocation: nil).cut(Self.limits) == expected)
        #expect(RemainingTime(server: nil, invocation: nil).cut(Self.limits) == Self.limits)
        #expect(RemainingTime(server: nil, invocation: 7).cut(TimeLimits()).firstByte == nil)
    }

    @Test(
        "A time-out is the deadline's doing if the limit that ran out was the invocation's",
        arguments: [
            (900_000, 40_000, .timeout, true), (nil, 40_000, .timeout, true), (40_000, 900_000, .timeout, false),
            (40_000, 40_000, .timeout, false), (40_000, nil, .timeout, false), (nil, nil, .timeout, false),
            (900_000, 40_000, .firstByteTimeout, true), (900_000, 70_000, .firstByteTimeout, false),
            (900_000, 40_000, .idleTimeout, false), (900_000, 20_000, .idleTimeout, true),
            (900_000, 40_000, .connectTimeout, false), (900_000, 4000, .connectTimeout, true),
            (900_000, 4000, .reset, false), (900_000, 4000, .refused, false),
        ] as [(Int?, Int?, TransportError.Kind, Bool)])
    func explains(server: Int?, invocation: Int?, kind: TransportError.Kind, expected: Bool) {
        let left = RemainingTime(server: server, invocation: invocation)
        #expect(left.explains(TransportError(kind, ""), within: left.cut(Self.limits)) == expected)
    }
}
