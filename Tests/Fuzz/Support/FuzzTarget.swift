/// A parser and its invariant for any input, which is the sentence above each target.
protocol FuzzTarget: SendableMetatype {
    static func check(_ input: [UInt8])
}

extension FuzzTarget {
    /// Ends the program if the invariant is violated. In an optimized build, a precondition wouldn't show the message.
    static func require(_ holds: Bool, _ violation: @autoclosure () -> String) {
        if !holds { fatalError("\(self): \(violation())") }
    }
}
