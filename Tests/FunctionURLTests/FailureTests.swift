import FoundationEssentials
import Testing

@testable import FunctionURL

@Suite struct FailureTests {
    private static let secret = RuntimeError(type: "Function.X", message: "secret detail")

    @Test(
        arguments: [
            (.runtimeDied("exited"), 502), (.runtimeDoesNotStart("x"), 502), (.timedOut(seconds: 3), 502),
            (.functionError(secret), 502), (.malformedResponse("x"), 502), (.wrongResponseMode("x"), 502),
            (.responseTooLarge(limit: 1), 502), (.truncated, 502), (.requestTooLarge, 413), (.throttled(limit: 1), 429),
        ] as [(Failure, Int)])
    func `Each failure has the status that a function URL gives it`(failure: Failure, status: Int) {
        #expect(FunctionURLDoor().answer(to: failure).head.status == status)
    }

    @Test func `The developer learns why the function failed, the caller doesn't`() {
        let failure = Failure.functionError(Self.secret)
        #expect(String(decoding: FunctionURLDoor().answer(to: failure).body, as: UTF8.self) == "Internal Server Error")
        #expect(failure.sentence.contains("Function.X: secret detail"))
    }

    @Test(arguments: [(900.0, "900.00"), (2.5, "2.50"), (0.05, "0.05")])
    func `The message of a timeout is AWS's`(seconds: Double, text: String) {
        #expect(Failure.timedOut(seconds: seconds).sentence == "Task timed out after \(text) seconds")
    }

    @Test(
        arguments: [
            (#"{"errorType":"Function.Boom","errorMessage":"no"}"#, nil, "Function.Boom: no"),
            (#"{"errorType":"Function.Boom"}"#, nil, "Function.Boom"),
            (#"{"errorMessage":"no"}"#, "Function.Head", "Function.Head: no"),
            ("plain text", "Function.Head", "Function.Head: plain text"),
            ("", nil, "Runtime.UnknownReason"),
        ] as [(String, String?, String)])
    func `An error report is shown in one line`(report: String, header: String?, sentence: String) {
        #expect(RuntimeError(report: Array(report.utf8), typeHeader: header).sentence == sentence)
    }

    @Test func `Error trailers are decoded`() {
        let report = Data(#"{"errorType":"Function.Cut","errorMessage":"é"}"#.utf8).base64EncodedString()
        let type = HeaderField("Lambda-Runtime-Function-Error-Type", "Function.Head")
        let body = HeaderField("lambda-runtime-function-error-body", report)
        #expect(RuntimeError(trailers: [])?.sentence == nil)
        #expect(RuntimeError(trailers: [HeaderField("x-other", "1")])?.sentence == nil)
        #expect(RuntimeError(trailers: [type])?.sentence == "Function.Head")
        #expect(RuntimeError(trailers: [type, body])?.sentence == "Function.Cut: é")
        let garbage = HeaderField("lambda-runtime-function-error-body", "Requires base64")
        #expect(RuntimeError(trailers: [type, garbage])?.sentence == "Function.Head: (not base64) Requires base64")
    }
}
