/// What an event means for its stream.
enum EventAction {
    /// Nothing.
    case passes
    /// Nothing that ends the stream, but it may tell of an error.
    case tells
    /// The caller hasn't asked for it.
    case hides
    /// It is the last one, and the answer is whole.
    case ends
    /// The provider gives up.
    case fails(ReportedError)
    /// It isn't what was asked for.
    case isNoAnswer(NoAnswer)
}
