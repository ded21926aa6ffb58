import Synchronization
import Testing
import Transport

@testable import CurlTransport

@Suite struct TimerQueueTests {
    @Test("Timers fire in the order of their times, and canceled ones don't")
    func ordersByTime() {
        var timerQueue = TimerQueue()
        let done = Mutex<[Int]>([])
        var ids: [TimerID] = []
        for (number, due) in [30, 10, 20, 10, 40, 5].enumerated() {
            ids.append(timerQueue.schedule(at: Int64(due)) { done.withLock { $0.append(number) } })
        }
        timerQueue.cancel(ids[2])
        timerQueue.cancel(ids[2])
        #expect(timerQueue.nextDue == 5)
        while let action = timerQueue.next(at: 30) { action() }
        #expect(done.withLock { $0 } == [5, 1, 3, 0])
        #expect(timerQueue.nextDue == 40)
        timerQueue.cancel(ids[4])
        #expect(timerQueue.isEmpty)
    }
}
