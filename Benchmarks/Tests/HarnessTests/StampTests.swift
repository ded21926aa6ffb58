import Testing

@testable import harness

struct StampTests {
    @Test("A stamp is found in other text, whole and byte by byte", arguments: [1, 42, 1 << 62])
    func found(time: UInt64) {
        var chunk = StreamPayload(Work(chunkBytes: 400)).chunk
        chunk.stamp(time)
        let twice = Array("a@b @12 @".utf8) + chunk.bytes + chunk.bytes
        for step in [1, 3, twice.count] { #expect(stamps(in: twice, step: step) == [time, time]) }
    }

    @Test("The beginning of a stamp isn't one", arguments: ["", "@", "@123456789012345678", "user@example.org @1"])
    func none(text: String) { #expect(stamps(in: Array(text.utf8), step: 1) == []) }

    private func stamps(in bytes: [UInt8], step: Int) -> [UInt64] {
        var reader = StampReader()
        var found: [UInt64] = []
        for start in stride(from: 0, to: bytes.count, by: step) {
            bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { reader.read($0) { found.append($0) } }
        }
        return found
    }
}
