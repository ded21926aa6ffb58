import HTTPTypes
import Testing
import Transport

@testable import CurlTransport

@Suite struct WatchTests {
    private func watch(_ change: (inout TimeLimits) -> Void) -> Watch {
        var limits = TimeLimits()
        change(&limits)
        return Watch(limits, at: 1000)
    }

    private func kind(_ next: (due: Int64, event: Watch.Event)?) -> TransportError.Kind? {
        if case .end(let error?) = next?.event { error.kind } else { nil }
    }

    @Test("Without limits nothing is ever due")
    func waitsForEver() {
        var watch = watch { _ in }
        watch.headHasCome(at: 1001)
        _ = watch.bytesHaveCome(passed: true, at: 1002)
        #expect(watch.next(isHeldBack: false) == nil)
    }

    @Test("The first byte's time runs from the beginning, over the head, to the first byte of the body")
    func limitsFirstByte() {
        var watch = watch {
            $0.firstByte = 100
            $0.idle = 30
        }
        #expect(watch.next(isHeldBack: false)?.due == 1100 && kind(watch.next(isHeldBack: false)) == .firstByteTimeout)
        watch.headHasCome(at: 1080)
        #expect(watch.next(isHeldBack: false)?.due == 1100)
        let isNearer = watch.bytesHaveCome(passed: false, at: 1090)
        #expect(isNearer)
        #expect(watch.next(isHeldBack: false)?.due == 1120 && kind(watch.next(isHeldBack: false)) == .idleTimeout)
    }

    @Test("Each byte puts off the idle time; while the reader holds the sender up it doesn't run")
    func limitsIdleTime() {
        var watch = watch { $0.idle = 30 }
        _ = watch.bytesHaveCome(passed: true, at: 1010)
        let isNearer = watch.bytesHaveCome(passed: true, at: 1035)
        #expect(!isNearer)
        #expect(watch.next(isHeldBack: false)?.due == 1065)
        #expect(watch.next(isHeldBack: true) == nil)
        watch.readerHasCaughtUp(at: 5000)
        #expect(watch.next(isHeldBack: false)?.due == 5030)
    }

    @Test("Silence is what the reader hears: bytes that are held back don't end it")
    func noticesSilence() {
        var watch = watch { $0.silence = 15 }
        #expect(watch.next(isHeldBack: false) == nil)
        watch.headHasCome(at: 1010)
        #expect(watch.next(isHeldBack: false)?.event == .fillSilence)
        #expect(watch.next(isHeldBack: false)?.due == 1025)
        _ = watch.bytesHaveCome(passed: false, at: 1020)
        #expect(watch.next(isHeldBack: false)?.due == 1025)
        _ = watch.bytesHaveCome(passed: true, at: 1022)
        #expect(watch.next(isHeldBack: false)?.due == 1037)
        watch.readerHasHeard(at: 1040)
        #expect(watch.next(isHeldBack: false)?.due == 1055)
    }

    @Test("Behind a body's end the rest is awaited for a moment, behind an error not at all")
    func lingers() {
        var whole = watch { $0.idle = 30 }
        whole.bodyHasEnded(.complete, at: 1010)
        _ = whole.bytesHaveCome(passed: false, at: 1020)
        #expect(whole.next(isHeldBack: false)?.due == 1010 + Watch.linger)
        #expect(whole.next(isHeldBack: false)?.event == .end(nil))
        var broken = watch { $0.idle = 30 }
        broken.bodyHasEnded(.partial(type: "", reason: "", trailers: [:]), at: 1010)
        #expect(broken.next(isHeldBack: false)?.due == 1010)
    }
}
