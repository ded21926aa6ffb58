import Testing

@testable import Proxy

@Suite struct PeriodTests {
    @Test(
        "Periods are in UTC",
        arguments: [
            // 2026-11-21T19:05:42Z
            (Period.minute, 1_795_287_942, 1_795_287_900, 1_795_287_960),
            (.day, 1_795_287_942, 1_795_219_200, 1_795_305_600),
            (.month, 1_795_287_942, 1_793_491_200, 1_796_083_200),
            // The leap day of 2028, and the year's last second.
            (.month, 1_835_395_199, 1_832_976_000, 1_835_481_600),
            (.month, 1_830_297_599, 1_827_619_200, 1_830_297_600),
            (.month, 0, 0, 2_678_400),
        ])
    func begins(period: Period, moment: Int64, start: Int64, end: Int64) {
        #expect(period.start(at: moment) == start)
        #expect(period.end(at: moment) == end)
        #expect(period.end(at: start) == end)
    }

    @Test(
        "A time to wait is written in OpenAI's format",
        arguments: [
            (1, "1ms"), (999, "999ms"), (1000, "1s"), (1001, "2s"), (60_000, "1m0s"), (59_001, "1m0s"),
            (3_661_000, "1h1m1s"),
        ])
    func writesDurations(milliseconds: Int, text: String) {
        #expect(DurationText.words(milliseconds) == text)
    }
}
