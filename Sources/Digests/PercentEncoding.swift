/// Percent-encoding: RFC 3986, section 2.1.
package enum PercentEncoding {
    /// Escapes every byte that the RFC doesn't call unreserved, with upper-case digits.
    /// - Parameter others: ASCII characters that aren't escaped either.
    package static func encode(_ bytes: some Sequence<UInt8>, besides others: StaticString = "") -> String {
        let others = UnsafeBufferPointer(start: others.utf8Start, count: others.utf8CodeUnitCount)
        var output: [UInt8] = []
        for byte in bytes {
            if isUnreserved(byte) || others.contains(byte) {
                output.append(byte)
            } else {
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Decodes each escape once. A percent sign without two digits after it stands for itself.
    package static func decode(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var rest = text
        var output: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let high = rest.first.flatMap(Hexadecimal.value),
                let low = rest.dropFirst().first.flatMap(Hexadecimal.value)
            {
                output.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return output
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
