import HTTPTypes
import Testing
import Transport

@testable import CurlTransport

@Suite struct ProgressTimeoutsTests {
    private func watch(_ change: (inout TimeLimits) -> Void) -> ProgressTimeouts {
        var limits = TimeLimits()
        change(&limits)
        return ProgressTimeouts(limits, at: 1000)
    }

    private func kind(_ next: (due: Int64, event: ProgressTimeouts.Event)?) -> TransportError.Kind? {
        if case .end(let error?) = next?.event { error.kind } else { nil }
    }

    @Test("Without timeouts nothing is ever due")
    func waitsForEver() {
        var watch = watch { _ in }
        watch.headReceived(at: 1001)
        _ = watch.bytesReceived(passed: true, at: 1002)
        #expect(watch.next(isHeldBack: false) == nil)
    }

    @Test("The timeout for the first byte runs from the beginning, past the head, to the first byte of the body")
    func limitsFirstByte() {
        var watch = watch {
            $0.firstByte = 100
            $0.idle = 30
        }
        #expect(watch.next(isHeldBack: false)?.due == 1100 && kind(watch.next(isHeldBack: false)) == .firstByteTimeout)
        watch.headReceived(at: 1080)
        #expect(watch.next(isHeldBack: false)?.due == 1100)
        let isNearer = watch.bytesReceived(passed: false, at: 1090)
        #expect(isNearer)
        #expect(watch.next(isHeldBack: false)?.due == 1120 && kind(watch.next(isHeldBack: false)) == .idleTimeout)
    }

    @Test("Each byte restarts the idle time, which doesn't run while the reader holds up the sender")
    func limitsIdleTime() {
        var watch = watch { $0.idle = 30 }
        _ = watch.bytesReceived(passed: true, at: 1010)
        let isNearer = watch.bytesReceived(passed: true, at: 1035)
        #expect(!isNearer)
        #expect(watch.next(isHeldBack: false)?.due == 1065)
        #expect(watch.next(isHeldBack: true) == nil)
        watch.readerCaughtUp(at: 5000)
        #expect(watch.next(isHeldBack: false)?.due == 5030)
    }

    @Test("Silence is measured at the reader: bytes that are held back don't end it")
    func noticesSilence() {
        var watch = watch { $0.silence = 15 }
        #expect(watch.next(isHeldBack: false) == nil)
        watch.headReceived(at: 1010)
        #expect(watch.next(isHeldBack: false)?.event == .fillSilence)
        #expect(watch.next(isHeldBack: false)?.due == 1025)
        _ = watch.bytesReceived(passed: false, at: 1020)
        #expect(watch.next(isHeldBack: false)?.due == 1025)
        _ = watch.bytesReceived(passed: true, at: 1022)
        #expect(watch.next(isHeldBack: false)?.due == 1037)
        watch.readerNotified(at: 1040)
        #expect(watch.next(isHeldBack: false)?.due == 1055)
    }

    @Test("After the end of a body the rest is read for a moment, after an error not at all")
    func lingers() {
        var whole = watch { $0.idle = 30 }
        whole.bodyEnded(.complete, at: 1010)
        _ = whole.bytesReceived(passed: false, at: 1020)
        #expect(whole.next(isHeldBack: false)?.due == 1010 + ProgressTimeouts.linger)
        #expect(whole.next(isHeldBack: false)?.event == .end(nil))
        var broken = watch { $0.idle = 30 }
        broken.bodyEnded(.partial(type: "", reason: "", trailers: [:]), at: 1010)
        #expect(broken.next(isHeldBack: false)?.due == 1010)
    }
}
