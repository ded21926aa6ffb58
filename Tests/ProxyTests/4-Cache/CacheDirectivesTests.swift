import Testing

@testable import Proxy

@Suite struct CacheDirectivesTests {
    private static let cases: [(String, String)] = [
        ("", ""), (",", ""), (" , ,\t,", ""), ("=", ""), ("=5", ""), ("\"", ""),
        ("no-cache", "no-cache"), ("No-CACHE", "no-cache"), ("no-cache=\"set-cookie\"", "no-cache"),
        ("no-store", "no-store"), ("only-if-cached", "only-if-cached"), ("ONLY-if-cached", "only-if-cached"),
        ("no-store,no-cache", "no-cache no-store"), ("no-cache, no-cache", "no-cache"),
        ("only-if-cached, max-age=60", "only-if-cached max-age=60"),
        ("max-age=0", "max-age=0"), ("max-age=60", "max-age=60"), ("MAX-AGE=007", "max-age=7"),
        ("max-age=\"60\"", "max-age=60"), ("max-age = 60", "max-age=60"),
        // The strictest of several.
        ("max-age=60, max-age=5", "max-age=5"), ("max-age=5, max-age=60", "max-age=5"),
        ("max-age=60, max-age=x", "max-age=0"),
        // Not a number: the caller wants something fresh.
        ("max-age", "max-age=0"), ("max-age=", "max-age=0"), ("max-age=\"\"", "max-age=0"),
        ("max-age=-1", "max-age=0"), ("max-age=1.5", "max-age=0"), ("max-age=1e3", "max-age=0"),
        ("max-age=6 0", "max-age=0"), ("max-age==5", "max-age=0"), ("max-age=５", "max-age=0"),
        // Too large a number is the largest.
        ("max-age=9223372036854775807", "max-age=\(Int.max)"), ("max-age=9223372036854775808", "max-age=\(Int.max)"),
        ("max-age=\(String(repeating: "9", count: 500))", "max-age=\(Int.max)"),
        // Other directives, and words that only look like these.
        ("no-transform, max-stale=5, min-fresh=3, s-maxage=5, foo=\"bar\"", ""),
        ("no-cach", ""), ("no-caches", ""), ("nocache", ""), ("no_cache", ""), ("no cache", ""), ("nö-cache", ""),
        ("max-ages=5", ""), ("x=no-cache", ""), ("no-cache;no-store", ""),
    ]

    private func shown(_ field: String?) -> String {
        let directives = CacheDirectives(field)
        let words = [
            directives.isNoCache ? "no-cache" : nil, directives.isNoStore ? "no-store" : nil,
            directives.isOnlyIfCached ? "only-if-cached" : nil, directives.maxAge.map { "max-age=\($0)" },
        ]
        return words.compactMap { $0 }.joined(separator: " ")
    }

    @Test("Without the field nothing is demanded")
    func isAbsent() {
        #expect(CacheDirectives(nil) == CacheDirectives(""))
        #expect(shown(nil) == "")
    }

    @Test("Directives are read as RFC 9111 spells them, with anything around them", arguments: cases)
    func reads(field: String, expected: String) {
        #expect(shown(field) == expected)
        for noisy in ["  \(field)\t", ",\(field),", "foo, \(field)", "\(field) ,foo=1", "é=\"x\",\(field),\u{0}"] {
            #expect(shown(noisy) == expected, "\(noisy)")
        }
    }

    @Test("Only the first 1024 bytes are read")
    func isBounded() {
        let filler = String(repeating: ",", count: 1024 - "no-store".utf8.count)
        #expect(shown("\(filler)no-store") == "no-store")
        #expect(shown("\(filler),no-store") == "")
        #expect(shown(String(repeating: "é,", count: 100_000)) == "")
    }

    @Test(
        "A response may be as old as max-age, and no older",
        arguments: [
            ("", Int.max, true), ("no-transform", 5000, true), ("max-age=60", 0, true), ("max-age=60", 60, true),
            ("max-age=60", 61, false), ("max-age=0", 0, true), ("max-age=0", 1, false),
        ])
    func allows(field: String, age: Int, isAllowed: Bool) {
        #expect(CacheDirectives(field).allow(age: age) == isAllowed)
    }
}
