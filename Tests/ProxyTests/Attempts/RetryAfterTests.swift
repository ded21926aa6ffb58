import HTTPTypes
import Testing

@testable import Proxy

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    private static let date: Int64 = 784_111_777

    @Test(
        "How long the upstream wants to be left alone",
        arguments: [
            (nil, "7", 7000), (nil, "0", 0), (nil, "0.5", 500), (nil, "0.0001", 1), ("1500", nil, 1500),
            ("1500", "7", 1500), ("1.2", nil, 2), ("soon", "7", 7000), (nil, nil, nil), (nil, "soon", nil),
            (nil, "", nil), (nil, "-1", nil), (nil, "inf", nil), (nil, "0x10", nil), (nil, "1e3", nil),
            (nil, ".", nil), (nil, "1.2.3", nil), (nil, "99999999999999999999999", 1_000_000_000_000),
            (nil, "Sun, 06 Nov 1994 08:49:37 GMT", 2000), (nil, "Sun, 06 Nov 1994 08:49:30 GMT", 0),
        ] as [(String?, String?, Int?)])
    func reads(milliseconds: String?, retryAfter: String?, wait: Int?) {
        var fields = HTTPFields()
        fields[.retryAfterMilliseconds] = milliseconds
        fields[.retryAfter] = retryAfter
        #expect(RetryAfter.milliseconds(fields, at: (Self.date - 2) * 1000) == wait)
    }
}
