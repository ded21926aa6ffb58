/// A target to call at a point in time.
struct Alarm: Comparable {
    let due: UInt64
    let target: any AlarmTarget

    static func < (one: Alarm, other: Alarm) -> Bool { one.due < other.due }
    static func == (one: Alarm, other: Alarm) -> Bool { one.due == other.due }
}

protocol AlarmTarget: AnyObject {
    func alarm(now: UInt64)
}
