import Testing

@testable import Calendar

@Suite struct TimestampTests {
    @Test(
        "A day means its beginning and a moment itself, in UTC",
        arguments: [
            ("1970-01-01", 0), ("1970-01-01T00:00:01Z", 1), ("2000-02-29", 951_782_400),
            ("2024-02-29T23:59:59Z", 1_709_251_199), ("2027-01-31", 1_801_353_600),
            ("2027-01-31T12:00:00Z", 1_801_396_800), ("9999-12-31", 253_402_214_400),
        ] as [(String, Int64)])
    func reads(text: String, seconds: Int64) {
        #expect(Timestamp(text)?.seconds == seconds)
        #expect(Timestamp(seconds: seconds).text == text)
    }

    @Test(
        "Anything that isn't such a day or moment is refused",
        arguments: [
            "", "2027", "2027-1-31", "2027-01-32", "2027-02-29", "2100-02-29", "2027-00-01", "2027-13-01", "2027-01-00",
            "1969-12-31", "31.01.2027", "2027/01/31", "2027-01-31 ", "2027-01-31T12:00:00", "2027-01-31T12:00Z",
            "2027-01-31T24:00:00Z", "2027-01-31T12:60:00Z", "2027-01-31T12:00:60Z", "2027-01-31T12:00:00z",
            "2027-01-31 12:00:00Z", "2027-01-31T12:00:00+01:00", "20270-01-31", "２027-01-31", "+027-01-31",
        ])
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("A timestamp always has milliseconds")
    func stamps() {
        #expect(Timestamp.timestamp(1_795_287_942_007) == "2026-11-21T19:05:42.007Z")
        #expect(Timestamp.timestamp(0) == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp.timestamp(1_835_395_199_999) == "2028-02-28T23:59:59.999Z")
    }
}
