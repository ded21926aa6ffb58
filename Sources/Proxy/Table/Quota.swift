/// How much of one measure may be used in one period.
package struct Quota: Sendable, Equatable {
    package var measure: Measure
    package var period: Period
    /// At least 1. Of costs in billionths of a dollar.
    package var amount: Int

    package init(_ measure: Measure, each period: Period, _ amount: Int) {
        self.measure = measure
        self.period = period
        self.amount = amount
    }
}

package enum Measure: Sendable, Equatable { case requests, tokens, cost }
