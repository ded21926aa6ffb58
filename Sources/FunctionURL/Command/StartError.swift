/// Why the program can't start, as a sentence that says what to do; the options themselves were understood.
struct StartError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
