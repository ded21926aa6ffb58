import Testing

@testable import Proxy

@Suite struct NormalizedNameTests {
    @Test(
        "Names that some server might read as the same are the same",
        arguments: [
            "stream_options", "STREAM_OPTIONS", "streamOptions", "Stream-Options", " stream options ",
            "ſtream_optionſ", "stream_options\u{0}", "stre\u{301}am_optİionsé", "s\u{200B}tream_options",
        ])
    func folds(name: String) {
        #expect(NormalizedName(name.utf8) == "streamoptions")
        #expect(NormalizedName(name.utf8).hasSuffix("options"))
    }

    @Test("The kelvin sign is a k, as in Go")
    func foldsKelvin() {
        #expect(NormalizedName("fallbac\u{212A}s".utf8) == "fallbacks")
    }

    @Test(
        "Different names are different",
        arguments: ["", "stream", "stream_option", "xstream_options", "stream_options2", "\u{17E}tream_options"])
    func keepsApart(name: String) {
        #expect(!(NormalizedName(name.utf8) == "streamoptions"))
    }

    @Test("A name of more than 64 letters or 128 bytes matches nothing")
    func bounds() {
        let letters = String(repeating: "x", count: 59)
        #expect(NormalizedName((letters + "model").utf8).hasSuffix("model"))
        #expect(NormalizedName((letters + "xmodel").utf8) == "")
        #expect(NormalizedName(("mo" + String(repeating: "_\u{301}", count: 40) + "del").utf8) == "model")
        #expect(NormalizedName(("mo" + String(repeating: "_\u{301}", count: 42) + "del").utf8) == "")
    }
}
