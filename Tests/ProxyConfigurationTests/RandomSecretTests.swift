import Testing

@testable import Proxy
@testable import ProxyConfiguration

@Suite struct RandomSecretTests {
    /// SplitMix64, with the same sequence each time.
    private struct Chance: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return word ^ (word >> 31)
        }
    }

    private static let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

    @Test(
        "Generated passwords aren't taken for references",
        arguments: ["", "$", "$ABC", "$NAME!", "@", "!", "`", "*"], ["", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "+/"])
    func takesPasswords(beginning: String, marks: String) {
        var chance = Chance(state: 7)
        let alphabet = Array((Self.letters + marks).utf8)
        for _ in 0..<500 {
            let rest = (0..<20).map { _ in alphabet.randomElement(using: &chance) ?? 0 }
            let password = Array(beginning.utf8) + rest
            #expect(!ForeignReference.stands(in: password, of: .secret), "\(String(decoding: password, as: UTF8.self))")
        }
    }
}
