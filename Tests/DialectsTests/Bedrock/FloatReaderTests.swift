import Testing

@testable import Dialects

@Suite struct FloatReaderTests {
    @Test(
        "The numbers of an array are read, however they are separated",
        arguments: [
            ("[]", []), ("[ ]", []), ("[1]", [1]), ("[1,-2.5]", [1, -2.5]), ("[\n 0.1 ,\t1e3\r]", [0.1, 1000]),
            ("[1E-2,1e+2]", [0.01, 100]), ("[1e99]", [.infinity]), ("[1e-99]", [0]),
        ] as [(String, [Float])])
    func readsArray(text: String, expected: [Float]) { #expect(read(text) == expected) }

    /// Numbers with the nearest float. The first ones are in the middle between two floats, or just beside it.
    private static let nearest: [(String, Float)] = [
        ("16777217", 16_777_216), ("16777217.000000001", 16_777_218), ("16777216.999999999", 16_777_216),
        ("16777219", 16_777_220), ("1.000000059604644775390625", 1), ("1.000000059604644775390626", 1.000_000_1),
        ("1.000000059604644775", 1), ("1.000000059604644776", 1.000_000_1), ("0.1", 0x1.99999Ap-4),
        ("18446744073709551615", 0x1p64), ("18446744073709551616", 0x1p64), ("184467440737095516160", 0x1p64 * 10),
        ("0.0000000000000000000001", 0x1.E392_02p-74), ("0.00000000000000000000000000000000000000000000140", 0x1p-149),
        ("340282346638528859811704183484516925440", .greatestFiniteMagnitude), ("0.5000000000000000000000000000", 0.5),
    ]

    @Test("A number is read as the nearest float", arguments: nearest)
    func readsNearest(text: String, expected: Float) {
        #expect(read("[\(text)]") == [expected])
        #expect(read("[-\(text)]") == [-expected])
    }

    @Test("Zero keeps its sign")
    func keepsSign() {
        #expect(read("[-0]").first?.sign == .minus)
        #expect(read("[-0.0,0]").last?.sign == .plus)
    }

    @Test("Random numbers are read as the standard library reads them")
    func agreesWithLibrary() {
        var random = RepeatableNumbers()
        var differing: [String] = []
        for _ in 0..<20_000 {
            let float = Float.random(in: -1...1, using: &random)
            let middle = (Double(float) + Double(float.nextUp)) / 2
            let digits = UInt64.random(in: 0...(.max), using: &random) >> UInt64.random(in: 0..<64, using: &random)
            let texts = [
                "\(float)", "\(middle)", "\(middle.nextUp)", "0.\(digits)", "\(digits)", "\(digits).\(digits)",
            ]
            differing += texts.filter { read("[\($0)]").first != Float($0) }
        }
        #expect(differing == [])
    }

    private func read(_ text: String) -> [Float] {
        Array(text.utf8).withUnsafeBytes { text in
            var reader = FloatReader(text)
            return Array(AnyIterator { reader.next() })
        }
    }
}

/// The same numbers in each run: a linear congruential generator, with Knuth's constants.
private struct RepeatableNumbers: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        var number: UInt64 = 0
        for _ in 0..<2 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            number = number << 32 | state >> 32
        }
        return number
    }
}
