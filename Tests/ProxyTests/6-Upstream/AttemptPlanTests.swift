import Testing
import Transport

@testable import Proxy

@Suite struct AttemptPlanTests {
    private static let overloaded = FailedAttempt(remedy: .sameURL)
    private static let elsewhere = FailedAttempt(remedy: .otherURL)
    private static let spent = FailedAttempt(remedy: .otherServer)
    private static let refused = FailedAttempt(remedy: .sameURL, wasUnused: true)
    private static let hopeless = FailedAttempt(remedy: .nothing)

    private static func rules(urls: [Int] = [0], retries: Int = 2, total: Int? = nil) -> AttemptRules {
        AttemptRules(urls: urls, retries: retries, total: total)
    }

    /// The URLs that are tried when the attempts fail like this, as "server.url", each with the wait before it. An
    /// attempt takes `each` milliseconds.
    private func course(
        _ servers: [AttemptRules], _ failures: [FailedAttempt], until deadline: Int64? = nil, each: Int64 = 0,
        random: Double = 0
    ) -> String {
        var now: Int64 = 0
        var plan = AttemptPlan(servers, until: deadline, at: now)
        let first = plan.start()
        var course = ["\(first.server).\(first.url)"]
        for failure in failures {
            now += each
            switch plan.next(after: failure, at: now, random: random) {
            case .giveUp: return (course + ["end"]).joined(separator: " ")
            case .send(let next, let wait):
                now += Int64(wait)
                course.append((wait > 0 ? "+\(wait):" : "") + "\(next.server).\(next.url)")
            }
        }
        return course.joined(separator: " ")
    }

    private func again(_ failure: FailedAttempt, _ count: Int = 10) -> [FailedAttempt] {
        Array(repeating: failure, count: count)
    }

    @Test("A single URL is tried 1 + retries times, with waits that double", arguments: [(0.0, "0.0 0.0 0.0 0.0 end")])
    func retries(random: Double, expected: String) {
        #expect(course([Self.rules(retries: 3)], again(Self.overloaded), random: random) == expected)
        #expect(
            course([Self.rules(retries: 6)], again(Self.overloaded), random: 0.999_999)
                == "0.0 +499:0.0 +999:0.0 +1999:0.0 +3999:0.0 +7999:0.0 +7999:0.0 end")
        #expect(course([Self.rules(retries: 0)], again(Self.overloaded)) == "0.0 end")
    }

    @Test("The URLs are tried in turn, with a wait only before those that have failed")
    func goesRound() {
        #expect(
            course([Self.rules(urls: [2, 0, 1], retries: 4)], again(Self.overloaded), random: 0.5)
                == "0.2 0.0 0.1 +1000:0.2 +2000:0.0 end")
        #expect(course([Self.rules(urls: [1, 0], retries: 0)], again(Self.overloaded)) == "0.1 end")
    }

    @Test("An error that would recur at the same URL moves on to the next, and no URL is tried twice")
    func closesURLs() {
        #expect(course([Self.rules(urls: [0, 1], retries: 5)], again(Self.elsewhere)) == "0.0 0.1 end")
        #expect(
            course(
                [Self.rules(urls: [0, 1], retries: 3)],
                [Self.elsewhere] + again(Self.overloaded), random: 0.5)
                == "0.0 0.1 +500:0.1 +1000:0.1 end")
    }

    @Test("After a server's tries, its fallbacks are asked, each by its own rules")
    func fallsBack() {
        #expect(
            course(
                [Self.rules(retries: 1), Self.rules(urls: [1, 0], retries: 2), Self.rules(retries: 0)],
                again(Self.overloaded), random: 0.5)
                == "0.0 +250:0.0 1.1 1.0 +500:1.1 2.0 end")
    }

    @Test("A failure of the whole server skips the rest of its tries")
    func leavesServer() {
        let servers = [Self.rules(urls: [0, 1]), Self.rules()]
        #expect(course(servers, again(Self.spent)) == "0.0 1.0 end")
        #expect(course([Self.rules(), Self.rules()], again(Self.elsewhere)) == "0.0 1.0 end")
    }

    @Test("A failure that would be the same everywhere ends the attempts")
    func givesUp() {
        #expect(course([Self.rules(urls: [0, 1]), Self.rules()], [Self.hopeless]) == "0.0 end")
    }

    @Test("A request that no server has received is sent once more, even without retries")
    func repeatsUnused() {
        let servers = [Self.rules(retries: 0)]
        #expect(course(servers, again(Self.refused), random: 0.5) == "0.0 +250:0.0 end")
        #expect(course(servers, [Self.refused, Self.overloaded]) == "0.0 0.0 end")
        #expect(course(servers, [Self.overloaded, Self.refused]) == "0.0 end")
        #expect(course([Self.rules(retries: 2)], again(Self.refused)) == "0.0 0.0 0.0 end")
    }

    @Test(
        "A URL isn't tried before its retry-after, and not at all if that is too long",
        arguments: [
            (nil, "0.0 +250:0.0"), (100, "0.0 +250:0.0"), (7000, "0.0 +7000:0.0"), (10_000, "0.0 +10000:0.0"),
            (10_001, "0.0 1.0"), (.max / 2, "0.0 1.0"),
        ] as [(Int?, String)])
    func honoursDelay(delay: Int?, expected: String) {
        let failure = FailedAttempt(remedy: .sameURL, delay: delay)
        #expect(course([Self.rules(), Self.rules()], [failure], random: 0.5) == expected)
    }

    @Test("While one URL asks to wait, the others are tried")
    func passesOverDelayed() {
        let busy = FailedAttempt(remedy: .sameURL, delay: 9000)
        let longBusy = FailedAttempt(remedy: .sameURL, delay: 60_000)
        let servers = [Self.rules(urls: [0, 1], retries: 3)]
        #expect(course(servers, [busy] + again(Self.overloaded), random: 0.5) == "0.0 0.1 +500:0.1 +1000:0.1 end")
        #expect(course(servers, again(busy), random: 0.5) == "0.0 0.1 +9000:0.0 +1000:0.1 end")
        #expect(course(servers, [longBusy] + again(Self.overloaded), random: 0.5) == "0.0 0.1 +500:0.1 +1000:0.1 end")
        #expect(course(servers, again(longBusy)) == "0.0 0.1 end")
    }

    @Test("A wait that would use up the server's time isn't begun; the next server has its own time")
    func keepsServerTime() {
        let busy = FailedAttempt(remedy: .sameURL, delay: 5000)
        #expect(course([Self.rules(total: 5099), Self.rules()], [busy]) == "0.0 1.0")
        #expect(course([Self.rules(total: 5100), Self.rules()], [busy]) == "0.0 +5000:0.0")
        #expect(
            course([Self.rules(total: 6000), Self.rules(total: 6000)], again(Self.overloaded), each: 2000)
                == "0.0 0.0 0.0 1.0 1.0 1.0 end")
        #expect(
            course([Self.rules(total: 3000), Self.rules(total: 3000)], again(Self.overloaded), each: 2000)
                == "0.0 0.0 1.0 1.0 end")
    }

    @Test("After the deadline no server is asked, whatever its own limits")
    func keepsDeadline() {
        let busy = FailedAttempt(remedy: .sameURL, delay: 5000)
        #expect(course([Self.rules()], [busy], until: 5099) == "0.0 end")
        #expect(course([Self.rules()], [busy], until: 5100) == "0.0 +5000:0.0")
        #expect(course([Self.rules(), Self.rules()], [busy], until: 5000) == "0.0 1.0")
        #expect(course([Self.rules(), Self.rules()], again(Self.spent), until: 5000, each: 4901) == "0.0 end")
        #expect(course([Self.rules(urls: [0, 1])], again(Self.elsewhere), until: 5000, each: 5000) == "0.0 end")
    }

    @Test("The time left is that of the current server and that of the invocation")
    func tellsTimeLeft() {
        var plan = AttemptPlan([Self.rules(total: 900), Self.rules(total: 700)], until: 1000, at: 0)
        _ = plan.start()
        #expect(plan.timeLeft(at: 300) == RemainingTime(server: 600, invocation: 700))
        _ = plan.next(after: Self.spent, at: 300, random: 0)
        #expect(plan.timeLeft(at: 400) == RemainingTime(server: 600, invocation: 600))
        #expect(AttemptPlan([Self.rules()], until: nil, at: 0).timeLeft(at: 5).nearest == nil)
    }
}

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

    @Test("All limits are cut to the time left, and none becomes longer")
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
        "A timeout is due to the deadline if the limit that expired was the invocation's",
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
