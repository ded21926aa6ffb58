/// Reads the numbers of a JSON array as the nearest 32-bit floats.
///
/// A vector has up to 3,072 of them, and a response up to 2,048 vectors. `Float(String)` takes 200 ns for a number, and
/// this takes 50 ns, so the former is used only where the latter can't be exact.
struct FloatReader {
    private let text: UnsafeRawBufferPointer
    private var position = 0

    /// - Parameter text: an array of numbers, whose grammar is known to be right.
    init(_ text: UnsafeRawBufferPointer) { self.text = text }

    /// - Returns: nil at the end. A number that is too large is an infinity.
    mutating func next() -> Float? {
        while position < text.count, !Self.isInNumber(text[position]) { position += 1 }
        guard position < text.count else { return nil }
        let start = position
        return readDecimal() ?? readAny(from: start)
    }

    /// Reads digits, perhaps with a fraction.
    /// - Returns: nil if there are more than 19 significant digits or 22 decimals, or an exponent, or if the number is
    ///   so close to the middle between two floats that this can't tell which is nearer.
    private mutating func readDecimal() -> Float? {
        let isNegative = text[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var digits: UInt64 = 0
        var decimals: Int?
        while position < text.count, Self.isInNumber(text[position]) {
            if text[position] == UInt8(ascii: ".") {
                decimals = 0
            } else {
                let digit = text[position] &- UInt8(ascii: "0")
                guard digit < 10, digits < Self.mostDigits else { return nil }
                digits = digits &* 10 &+ UInt64(digit)
                decimals? += 1
            }
            position += 1
        }
        guard decimals ?? 0 < Self.powersOfTen.count else { return nil }
        // Both steps round, so this is within two units in the last place of the number. The floats are 2^29 such units
        // apart, and no float is subnormal.
        let value = Double(digits) / Self.powersOfTen[decimals ?? 0]
        let toMiddle = Int(value.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
        return toMiddle.magnitude > 2 ? Float(isNegative ? -value : value) : nil
    }

    private mutating func readAny(from start: Int) -> Float? {
        position = start
        while position < text.count, Self.isInNumber(text[position]) { position += 1 }
        return Float(String(decoding: text[start..<position], as: UTF8.self))
    }

    /// Below this, one more digit fits.
    private static let mostDigits = UInt64.max / 10
    /// These are exact.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Whether a byte is part of a number, and not a bracket, a comma or white space.
    private static func isInNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}
