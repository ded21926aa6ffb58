import Testing

@testable import FunctionURL

@Suite struct PreludeParserTests {
    private static let nuls = [UInt8](repeating: 0, count: 8)

    /// Feeds pieces until the parser has a result.
    private func parse(_ bytes: [UInt8], by size: Int) throws -> PreludeParser.Step {
        var parser = PreludeParser()
        var rest = bytes[...]
        while !rest.isEmpty {
            let step = try parser.receive([UInt8](rest.prefix(size)))
            rest = rest.dropFirst(size)
            if case .prelude(let prelude, let body) = step { return .prelude(prelude, rest: body + rest) }
        }
        return .needMore
    }

    private static let cases: [(String, Prelude)] = [
        ("{}", Prelude()),
        (#"{"statusCode":404}"#, Prelude(statusCode: 404)),
        (
            #"{"statusCode":200,"headers":{"b":"2","a":"é"},"cookies":["x=1","y=2"]}"#,
            Prelude(headers: [HeaderField("a", "é"), HeaderField("b", "2")], cookies: ["x=1", "y=2"])
        ),
        (
            #" { "headers" : { "n" : 5, "t" : true } } "#,
            Prelude(headers: [HeaderField("n", "5"), HeaderField("t", "true")])
        ),
    ]

    @Test(arguments: cases, ["", "data: x\n\n", "\0\0\0"])
    func `A prelude is read the same whole, byte by byte and with a body after it`(
        _ sample: (json: String, prelude: Prelude), body: String
    ) throws {
        let bytes = Array(sample.json.utf8) + Self.nuls + Array(body.utf8)
        let expected = PreludeParser.Step.prelude(sample.prelude, rest: Array(body.utf8))
        for size in [1, 2, 7, 8, 9, bytes.count] {
            #expect(try self.parse(bytes, by: size) == expected)
        }
    }

    @Test(arguments: ["", "{", "{}", "{}\0\0\0\0\0\0\0", "{}\0\0\0x\0\0\0\0\0\0\0"])
    func `There is no result before eight NULs have arrived`(text: String) throws {
        #expect(try self.parse(Array(text.utf8), by: 1) == .needMore)
        #expect(try self.parse(Array(text.utf8), by: 100) == .needMore)
    }

    @Test(arguments: ["", "nonsense", "[]", #"{"statusCode":"200"}"#, #"{"headers":{"a":["b"]}}"#, "{}\0x"])
    func `A prelude that isn't the right JSON is refused`(text: String) {
        let bytes = Array(text.utf8) + Self.nuls
        for size in [1, bytes.count] {
            #expect(throws: Failure.self) { try self.parse(bytes, by: size) }
        }
    }

    @Test func `A prelude may be as long as the limit, but no longer`() throws {
        let shell = Array(#"{"cookies":[""]}"#.utf8).count + Self.nuls.count
        for (excess, fits) in [(0, true), (1, false)] {
            let filler = String(repeating: "c", count: PreludeParser.limit - shell + excess)
            let bytes = Array(#"{"cookies":["\#(filler)"]}"#.utf8) + Self.nuls
            for size in [1, bytes.count] {
                let step = try? self.parse(bytes, by: size)
                #expect((step != nil) == fits)
            }
        }
    }
}
