/// A parser, and what has to hold for whatever it is given: the sentence above each target.
protocol FuzzTarget: SendableMetatype {
    static func check(_ input: [UInt8])
}

extension FuzzTarget {
    /// Ends the program if the target's invariant is violated; in an optimised build a precondition wouldn't say how.
    static func require(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { fatalError("\(self): \(violation())") }
    }
}
