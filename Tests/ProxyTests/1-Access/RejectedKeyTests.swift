import JSONBytes
import Testing

@testable import Proxy

@Suite struct RejectedKeyTests {
    private func masked(_ key: String) -> String { RejectedKey(Secret(key)).masked }

    @Test(
        "A key is masked as OpenAI does it, and a shorter one shows less",
        arguments: [
            ("sk-proj-abcdefghijklmnopqrstuvwxyz0123456789wxyz", "sk-proj-" + stars(36) + "wxyz"),
            ("sk-abcdefghijklmnopqrstuvwxyz012", "sk-abcde" + stars(20) + "z012"),
            ("sk-abcdefghijklmnopqrst0", "sk-abc" + stars(14) + "rst0"),
            ("sk-abcdefghijklm", "sk-a" + stars(8) + "jklm"),
        ])
    func masks(key: String, expected: String) {
        #expect(masked(key) == expected)
    }

    @Test("A short key doesn't even show its length", arguments: ["k", "undefined", "a-key-of-15-byt"])
    func hidesShortKeys(key: String) {
        #expect(masked(key) == "***")
    }

    @Test(
        "Any masked key is short ASCII without quotes and control characters",
        arguments: [
            String(repeating: "k", count: 8 * 1024), String(repeating: "é", count: 500),
            "\"'\\<>&\r\n\u{0}\u{7F} \t  \" \"",
            String(repeating: "\u{301}", count: 3000), "a.b/c+d=e:f@g%h,i;j(k)l",
        ])
    func showsPlainText(key: String) {
        let masked = masked(key)
        #expect(masked.utf8.allSatisfy { $0.isLetter || $0.isDigit || "*-_".utf8.contains($0) })
        #expect(masked.utf8.count <= 172)
    }

    @Test("A rejected key never prints")
    func hidesItself() {
        let error = ProxyError.invalidKey(RejectedKey(Secret("sk-abcdefghijklmnopqrstuvwxyz012")))
        var dumped = ""
        dump(error, to: &dumped)
        for text in ["\(error)", String(reflecting: error), dumped, error.detail, "\(Failure(error))"] {
            #expect(!text.contains("sk-a") && !text.contains("z012"))
        }
        #expect(error.message.hasPrefix("Incorrect API key provided: sk-abcde********************z012. "))
    }

    @Test(
        "The error says what is wrong with the key, if that is visible",
        arguments: [
            ("Bearer key", "begins with 'Bearer'"), ("bearer\tkey", "begins with 'Bearer'"),
            ("\"key\"", "quotes or spaces"),
            ("'key'", "quotes or spaces"), ("a key", "quotes or spaces"), ("Bearer", "complete"), ("key", "complete"),
        ])
    func advises(key: String, words: String) {
        #expect(ProxyError.invalidKey(RejectedKey(Secret(key))).message.contains(words))
    }

    private static func stars(_ count: Int) -> String { String(repeating: "*", count: count) }
}
