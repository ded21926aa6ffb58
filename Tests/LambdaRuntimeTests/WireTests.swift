import FoundationEssentials
import HTTPTypes
import Testing

@testable import LambdaRuntime

@Suite struct WireTests {
    private func text(_ prelude: Prelude) -> String { String(decoding: prelude.serialized, as: UTF8.self) }

    @Test("The prelude is one JSON object and eight NUL bytes")
    func writesPrelude() {
        let prelude = Prelude(.ok, fields: [.contentType: "text/event-stream"])
        let json = #"{"statusCode":200,"headers":{"content-type":"text/event-stream"}}"#
        #expect(text(prelude) == json + String(repeating: "\0", count: 8))
    }

    @Test("Fields that occur twice are joined")
    func joinsFields() {
        var prelude = Prelude(.tooManyRequests)
        prelude.fields.append(HTTPField(name: .vary, value: "a"))
        prelude.fields.append(HTTPField(name: .vary, value: "b"))
        #expect(text(prelude).hasPrefix(#"{"statusCode":429,"headers":{"vary":"a, b"}}"#))
    }

    @Test("Thousands of fields are joined by name and in order, like a few")
    func joinsManyFields() {
        var prelude = Prelude(.ok)
        for number in 0..<8000 {
            prelude.fields.append(HTTPField(name: .init("x-\(number % 4000)")!, value: "\(number)"))
        }
        let members = (0..<4000).map { #""x-\#($0)":"\#($0), \#($0 + 4000)""# }.joined(separator: ",")
        #expect(text(prelude).hasPrefix(#"{"statusCode":200,"headers":{\#(members)}}"#))
    }

    @Test("Cookies are joined by semicolons")
    func joinsCookies() {
        var prelude = Prelude(.ok)
        prelude.fields.append(HTTPField(name: .cookie, value: "a=1"))
        prelude.fields.append(HTTPField(name: .cookie, value: "b=2"))
        #expect(text(prelude).contains(#""cookie":"a=1; b=2""#))
    }

    @Test("Error trailers carry the type, and the error as base64 of its JSON")
    func writesTrailers() throws {
        let trailers = InvocationError("UpstreamFailed", "it \"broke\"").trailers
        #expect(trailers[.errorType] == "Function.UpstreamFailed")
        let body = try #require(trailers[.errorBody].flatMap { Data(base64Encoded: $0) })
        #expect(
            String(decoding: body, as: UTF8.self)
                == #"{"errorType":"Function.UpstreamFailed","errorMessage":"it \"broke\"","stackTrace":[]}"#)
    }

    @Test("A poll's response without a request id isn't an invocation, because it can't be answered")
    func needsRequestID() {
        #expect(Invocation(fields: [:], payload: []) == nil)
        #expect(Invocation(fields: [.requestID: ""], payload: []) == nil)
    }

    @Test(
        "The trace is kept unchanged, unless it isn't valid in a header field",
        arguments: [
            ("Root=1-67-ab;Parent=53;Sampled=0;Lineage=1:2:0", true), (String(repeating: "x", count: 512), true),
            (String(repeating: "x", count: 513), false), ("", false), ("Root=é", false), ("a\tb", false),
        ])
    func keepsTrace(trace: String, isKept: Bool) {
        let fields: HTTPFields = [.requestID: "1", .trace: trace]
        #expect(Invocation(fields: fields, payload: [])?.trace == (isKept ? trace : nil))
    }

    @Test(
        "The remaining time is computed from the deadline, if it is valid",
        arguments: [
            ("5000", 4000), ("1000", 0), ("0", -1000), ("-9223372036854775808", -1000), ("soon", nil), ("", nil),
        ] as [(String, Int?)])
    func countsTime(deadline: String, left: Int?) throws {
        let invocation = try #require(
            Invocation(fields: [.requestID: "1", .deadline: deadline], payload: []))
        #expect(invocation.timeLeft(at: 1000) == left)
    }
}
