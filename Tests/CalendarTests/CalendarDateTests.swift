import Testing

@testable import Calendar

@Suite struct CalendarDateTests {
    @Test(
        "The day of a moment, around leap days and the turn of a century",
        arguments: [
            (0, 1970, 1, 1), (86_399, 1970, 1, 1), (86_400, 1970, 1, 2), (951_782_400, 2000, 2, 29),
            (951_868_800, 2000, 3, 1), (1_709_251_199, 2024, 2, 29), (1_709_251_200, 2024, 3, 1),
            (1_735_689_599, 2024, 12, 31), (1_735_689_600, 2025, 1, 1), (4_107_542_400, 2100, 3, 1),
            (253_402_300_799, 9999, 12, 31),
        ] as [(Int64, Int64, Int64, Int64)])
    func dates(seconds: Int64, year: Int64, month: Int64, day: Int64) {
        #expect(CalendarDate(atSeconds: seconds) == CalendarDate(year: year, month: month, day: day))
    }

    @Test("Each day of 400 years begins where the one before ends, and is found by its moments")
    func goesRound() {
        for day in Int64(0)..<146_097 {
            #expect(CalendarDate(atSeconds: day * 86_400 + 86_399).start == day * 86_400)
        }
    }

    @Test("A month ends where the next begins, in December too")
    func months() {
        #expect(CalendarDate(year: 2024, month: 12, day: 31).nextMonthStart == 1_735_689_600)
        #expect(CalendarDate(year: 2025, month: 1, day: 17).monthStart == 1_735_689_600)
        #expect(CalendarDate(year: 2024, month: 2, day: 29).nextMonthStart == 1_709_251_200)
    }
}
