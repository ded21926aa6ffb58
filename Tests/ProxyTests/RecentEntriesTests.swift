import Testing

@testable import Proxy

@Suite struct RecentEntriesTests {
    @Test("The entries that were used last are kept, and never more than the most", arguments: [2, 3, 10, 1000])
    func keepsRecent(most: Int) {
        var entries = RecentEntries<Int, String>(most: most)
        for key in 0..<5000 {
            entries[key] = "\(key)"
            // Read all the time, so it isn't dropped.
            #expect(key == 0 || entries[0] == "0" || most < 4)
            #expect(entries[key] == "\(key)")
        }
        #expect((1..<5000).count { entries[$0] != nil } <= most)
    }

    @Test("An entry can be replaced and removed in either generation")
    func changes() {
        var entries = RecentEntries<Int, String>(most: 4)
        for key in 1...3 { entries[key] = "old" }
        for key in 1...3 { entries[key] = "new" }
        #expect((1...3).map { entries[$0] } == ["new", "new", "new"])
        for key in 1...3 { entries[key] = nil }
        #expect((1...3).allSatisfy { entries[$0] == nil })
    }
}
