/// A JSON number as an exact decimal: its digits as a whole number, times a power of ten.
///
/// It refers to the number's text. Its cost is in proportion to that text, however large the exponent is.
struct JSONDecimal {
    private let isNegative: Bool
    /// From the first digit that isn't 0 to the last one, perhaps with a decimal point in between. Empty for zero.
    private let significand: UnsafeRawBufferPointer
    /// The exponent as it is written, without leading zeros.
    private let exponent: UnsafeRawBufferPointer
    private let hasNegativeExponent: Bool
    /// What the place of the decimal point adds to the exponent.
    private let shift: Int

    /// - Parameter text: a number by JSON's grammar.
    init(_ text: UnsafeRawBufferPointer) {
        isNegative = text.first == UInt8(ascii: "-")
        let mark = text.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? text.count
        let mantissa = UnsafeRawBufferPointer(rebasing: text[(isNegative ? 1 : 0)..<mark])
        let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.count
        let first = mantissa.firstIndex { Self.isSignificant($0) } ?? 0
        let end = mantissa.lastIndex { Self.isSignificant($0) }.map { $0 + 1 } ?? 0
        significand = UnsafeRawBufferPointer(rebasing: mantissa[first..<end])
        shift = end > point ? point - end + 1 : point - end

        var power = UnsafeRawBufferPointer(rebasing: text[min(mark + 1, text.count)...])
        hasNegativeExponent = power.first == UInt8(ascii: "-")
        if power.first.map({ !$0.isDigit }) ?? false { power = .init(rebasing: power.dropFirst()) }
        exponent = .init(rebasing: power.drop { $0 == UInt8(ascii: "0") })
    }

    private static func isSignificant(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "0") && byte != UInt8(ascii: ".")
    }

    /// Appends the one spelling of this number, such as `-15e-1`.
    func write(to output: inout [UInt8]) {
        guard !significand.isEmpty else { return output.append(UInt8(ascii: "0")) }
        if isNegative { output.append(UInt8(ascii: "-")) }
        for byte in significand where byte != UInt8(ascii: ".") { output.append(byte) }
        // More digits don't fit into an `Int`.
        if exponent.count > 18 { return writeLongExponent(to: &output) }
        let magnitude = exponent.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        let sum = (hasNegativeExponent ? -magnitude : magnitude) + shift
        if sum != 0 { output.append(contentsOf: "e\(sum)".utf8) }
    }

    /// The exponent has so many digits that the shift doesn't change its sign.
    private func writeLongExponent(to output: inout [UInt8]) {
        output.append(contentsOf: (hasNegativeExponent ? "e-" : "e").utf8)
        var carry = hasNegativeExponent ? -shift : shift
        var digits: [UInt8] = []
        for byte in exponent.reversed() {
            let (quotient, digit) = (carry + Int(byte - UInt8(ascii: "0"))).dividedDown(by: 10)
            carry = quotient
            digits.append(UInt8(ascii: "0") + UInt8(digit))
        }
        if carry > 0 { output.append(contentsOf: String(carry).utf8) }
        while digits.last == UInt8(ascii: "0"), carry == 0 { digits.removeLast() }
        output.append(contentsOf: digits.reversed())
    }
}

extension Int {
    /// The quotient rounded down, and the remainder, which isn't negative.
    fileprivate func dividedDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
