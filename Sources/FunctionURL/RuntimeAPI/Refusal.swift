/// An answer of a runtime that belongs to no invocation, and what it hears of that.
struct Refusal: Error, Equatable {
    var reply: RuntimeReply
}
