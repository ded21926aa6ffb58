/// A change to a text: other bytes in place of those that stand there.
struct Splice {
    let place: Range<Int>
    let text: [UInt8]

    init(_ place: Range<Int>, _ text: [UInt8]) {
        self.place = place
        self.text = text
    }

    init(_ place: Range<Int>, _ text: String) { self.init(place, Array(text.utf8)) }
}

extension [Splice] {
    /// The bytes with all changes, which must not overlap; what is put in at one place keeps its order.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        guard !isEmpty else { return bytes }
        var output: [UInt8] = []
        output.reserveCapacity(reduce(bytes.count) { $0 + $1.text.count - $1.place.count })
        var end = 0
        for splice in sorted(by: { $0.place.lowerBound < $1.place.lowerBound }) {
            output += bytes[end..<splice.place.lowerBound]
            output += splice.text
            end = splice.place.upperBound
        }
        output += bytes[end...]
        return output
    }
}
