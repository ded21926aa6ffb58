import Glibc

/// The time at which a chunk was sent, as written in the chunk's text: `@` and 19 digits.
enum Stamp {
    static let digits = 19
    static let placeholder = "@0000000000000000000"

    /// Writes the time over the digits that begin at `offset`.
    static func write(_ time: UInt64, into bytes: inout [UInt8], at offset: Int) {
        var rest = time
        for index in (offset..<offset + digits).reversed() {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }
}

/// Finds stamps in a body, wherever its pieces are cut.
struct StampReader {
    private var digits = 0
    private var time: UInt64 = 0
    private var isInStamp = false

    mutating func read(_ bytes: UnsafeRawBufferPointer, _ found: (UInt64) -> Void) {
        guard let start = bytes.baseAddress else { return }
        var index = 0
        while index < bytes.count {
            if isInStamp {
                readDigit(bytes[index], found)
                index += 1
            } else {
                guard let at = memchr(start + index, Int32(UInt8(ascii: "@")), bytes.count - index) else { return }
                index = UnsafeRawPointer(at) - start + 1
                (isInStamp, digits, time) = (true, 0, 0)
            }
        }
    }

    private mutating func readDigit(_ byte: UInt8, _ found: (UInt64) -> Void) {
        guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return isInStamp = false }
        time = time &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
        digits += 1
        guard digits == Stamp.digits else { return }
        isInStamp = false
        found(time)
    }
}
