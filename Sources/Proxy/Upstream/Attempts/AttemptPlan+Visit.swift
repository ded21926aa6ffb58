extension AttemptPlan {
    /// What happened at one server so far.
    struct Visit {
        private struct Place {
            let url: Int
            var hasFailed = false
            /// Not asked again.
            var isClosed = false
            var notBefore: Int64 = 0
        }

        let server: Int
        let started: Int64
        private(set) var tries = 0
        /// In the order in which they are asked.
        private var places: [Place]
        private var current = 0

        init(server: Int, _ rules: AttemptRules, at now: Int64) {
            self.server = server
            started = now
            places = rules.urls.map { Place(url: $0) }
        }

        mutating func send(at position: Int) -> Candidate {
            current = position
            tries += 1
            return Candidate(server: server, url: places[position].url)
        }

        /// The last try has failed.
        mutating func note(_ failure: FailedAttempt, at now: Int64) {
            places[current].hasFailed = true
            places[current].isClosed = failure.remedy != .sameURL
            places[current].notBefore = now + Int64(failure.delay ?? 0)
        }

        /// The place that may be asked first, and after how many milliseconds; among equals the next round the circle.
        /// Nil if none is asked again.
        func soonest(at now: Int64, backoff: Int) -> (position: Int, wait: Int)? {
            (1...places.count).map { (current + $0) % places.count }
                .filter { !places[$0].isClosed }
                .map { ($0, wait(for: places[$0], at: now, backoff)) }
                .min { $0.1 < $1.1 }
        }

        private func wait(for place: Place, at now: Int64, _ backoff: Int) -> Int {
            place.hasFailed ? max(backoff, Int(place.notBefore - now)) : 0
        }
    }
}
