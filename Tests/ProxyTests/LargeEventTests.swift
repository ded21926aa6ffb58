import Testing
import Transport

@testable import Proxy

@Suite struct LargeEventTests {
    private static let limit = EventStreamFilter.largestEvent

    /// A data event of that many bytes.
    private func event(_ size: Int) -> [UInt8] {
        Array("data: ".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: size - 8) + Array("\n\n".utf8)
    }

    private func pieces(_ bytes: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    }

    @Test("An event of 8 MB passes as a whole, and its memory is given back", arguments: [1000, 65_536, 9_000_000])
    func passesLargest(size: Int) {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var output: [UInt8] = []
        let bytes = event(Self.limit)
        for piece in pieces(bytes, size) {
            #expect(output.isEmpty)
            piece.withUnsafeBytes { _ = filter.receive($0, into: &output) }
        }
        #expect(output == bytes)
        #expect(filter.held.capacity <= 64 * 1024)
    }

    @Test("A larger one ends the stream with an error event, wherever it is cut", arguments: [1000, 65_536, 9_000_000])
    func refusesLarger(size: Int) {
        let first = Array("data: a\n\n".utf8)
        for more in [[], Array("data: b\n\n".utf8)] {
            let stream = FilteredStream(pieces(first + event(Self.limit + 1) + more, size), route: Samples.route())
            #expect(stream.output.starts(with: first) && stream.output.count < 1000)
            let reader = EventReader(stream.output)
            #expect(reader.events.count == 2 && reader.errors.map { $0["code"] } == ["event_too_large"])
            #expect(stream.ending == .partial && stream.trailers == 2)
        }
    }

    @Test("An event that never ends is given up as soon as it is too large, and nothing of it is kept")
    func givesUp() {
        var filter = EventStreamFilter(for: Samples.route(), meter: Samples.meter())
        var output: [UInt8] = []
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        var received = 0
        var end: BodyPipe.End?
        while end == nil {
            end = piece.withUnsafeBytes { filter.receive($0, into: &output) }
            received += piece.count
        }
        #expect(received == Self.limit + 4096)
        #expect(filter.held.capacity == 0)
    }
}
