import Testing

@testable import Calendar

@Suite struct HTTPDateTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT, the example of RFC 9110.
    private static let date: Int64 = 784_111_777

    @Test(
        "A date is read in each of its three forms, whatever its weekday",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", date), ("Sunday, 06-Nov-94 08:49:37 GMT", date),
            ("Sun Nov  6 08:49:37 1994", date), ("Mon, 06 Nov 1994 08:49:37 GMT", date),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Thu, 29 Feb 2024 23:59:60 GMT", 1_709_251_200),
            ("Sat, 01 Mar 2025 00:00:00 GMT", 1_740_787_200), ("Tue, 31 Dec 2069 00:00:00 GMT", 3_155_673_600),
            ("Tuesday, 31-Dec-69 00:00:00 GMT", 3_155_673_600), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
        ])
    func readsDates(text: String, seconds: Int64) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(
        "Invalid dates are refused",
        arguments: [
            "", " ", "now", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
            "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
            "Sun, 06 Nov 1994 08:49:37: GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 994 08:49:37 GMT", "Sun, 06 Nov 19940 08:49:37 GMT",
            "Sun, 06 Nov 1994 +8:49:37 GMT", "Sun Nov  6 08:49:37 1994 GMT x", "Sun Nov 6 1994 08:49:37",
        ])
    func refuses(text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }
}
