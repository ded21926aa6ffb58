import Synchronization
import Testing
import Transport

@testable import CurlTransport

@Suite struct TimetableTests {
    @Test("What is due happens in the order of time, and what was canceled doesn't")
    func ordersByTime() {
        var timetable = Timetable()
        let done = Mutex<[Int]>([])
        var ids: [TimerID] = []
        for (number, due) in [30, 10, 20, 10, 40, 5].enumerated() {
            ids.append(timetable.schedule(at: Int64(due)) { done.withLock { $0.append(number) } })
        }
        timetable.cancel(ids[2])
        timetable.cancel(ids[2])
        #expect(timetable.nextDue == 5)
        while let action = timetable.next(at: 30) { action() }
        #expect(done.withLock { $0 } == [5, 1, 3, 0])
        #expect(timetable.nextDue == 40)
        timetable.cancel(ids[4])
        #expect(timetable.isEmpty)
    }
}
