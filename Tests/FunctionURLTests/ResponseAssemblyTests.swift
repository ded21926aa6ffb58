import Testing

@testable import FunctionURL

@Suite struct ResponseAssemblyTests {
    /// What the caller gets of a complete response, with adjacent pieces of the body joined.
    private func assemble(
        _ format: ResponseAssembly.Format, _ text: String, method: String = "GET", by size: Int
    ) throws -> [ResponseAssembly.Action] {
        var assembly = ResponseAssembly(format, requestMethod: method, door: FunctionURLDoor())
        var actions: [ResponseAssembly.Action] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            actions += try assembly.receive([UInt8](rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        actions += try assembly.finish()
        return actions.reduce(into: []) { joined, action in
            if case .body(let more) = action, case .body(let before)? = joined.last {
                joined[joined.count - 1] = .body(before + more)
            } else {
                joined.append(action)
            }
        }
    }

    private static let nuls = String(repeating: "\0", count: 8)
    private static let plain = ResponseHead(status: 200, headers: [HeaderField("content-type", "text/plain")])
    private static let prelude = #"{"headers":{"content-type":"text/plain"}}"# + nuls

    @Test(arguments: [1, 3, 1000])
    func `A streamed response is its prelude's head and then every byte`(size: Int) throws {
        let actions = try self.assemble(.integration, Self.prelude + "hello", by: size)
        #expect(actions == [.head(Self.plain), .body(Array("hello".utf8)), .end])
    }

    @Test func `Every piece is sent as it arrives`() throws {
        var assembly = ResponseAssembly(.integration, requestMethod: "POST", door: FunctionURLDoor())
        #expect(try assembly.receive(Array(Self.prelude.utf8)) == [.head(Self.plain)])
        #expect(try assembly.receive([1]) == [.body([1])])
        #expect(try assembly.receive([2, 3]) == [.body([2, 3])])
        #expect(try assembly.finish() == [.end])
    }

    @Test func `A response without the prelude's content type is only a body`() throws {
        let head = ResponseHead(status: 200, headers: [HeaderField("content-type", "application/octet-stream")])
        let actions = try self.assemble(.raw, Self.prelude + "x", by: 5)
        #expect(actions == [.head(head), .body(Array((Self.prelude + "x").utf8)), .end])
    }

    @Test(arguments: [
        ("HEAD", "{}"), ("GET", #"{"statusCode":204}"#), ("GET", #"{"statusCode":304}"#),
    ])
    func `No body follows a head that can't have one`(method: String, prelude: String) throws {
        let actions = try self.assemble(.integration, prelude + Self.nuls + "body", method: method, by: 4)
        #expect(actions.count == 2)
        #expect(actions.last == .end)
    }

    @Test(arguments: [ResponseAssembly.Format.integration, .raw])
    func `There is a warning for an empty body, because it hangs on AWS`(format: ResponseAssembly.Format) throws {
        let actions = try self.assemble(format, format == .raw ? "" : Self.prelude, by: 100)
        guard case .warn(let message) = actions.dropFirst().first else {
            Issue.record("no warning in \(actions)")
            return
        }
        #expect(message.contains("hangs"))
        #expect(actions.last == .end)
    }

    @Test(arguments: ["", "{", #"{"statusCode":200}"#])
    func `A response that ends inside its prelude is refused`(text: String) {
        #expect(throws: Failure.self) { try self.assemble(.integration, text, by: 10) }
    }

    @Test func `A buffered response is read when it is complete`() throws {
        let actions = try self.assemble(.buffered, #"{"statusCode":201,"body":"x"}"#, by: 1)
        let head = ResponseHead(status: 201, headers: [HeaderField("content-type", "application/json")])
        #expect(actions == [.head(head), .body([UInt8(ascii: "x")]), .end])
    }

    @Test func `A buffered response has a size limit`() throws {
        var assembly = ResponseAssembly(.buffered, requestMethod: "GET", door: FunctionURLDoor())
        _ = try assembly.receive([UInt8](repeating: 32, count: BufferedResponse.limit))
        #expect(throws: Failure.responseTooLarge(limit: BufferedResponse.limit)) { try assembly.receive([32]) }
    }

    @Test(
        arguments: [
            ([], .buffered),
            ([HeaderField("Lambda-Runtime-Function-Response-Mode", "streaming")], .raw),
            (
                [
                    HeaderField("lambda-runtime-function-response-mode", "streaming"),
                    HeaderField("Content-Type", "application/vnd.awslambda.http-integration-response; x=y"),
                ], .integration
            ),
        ] as [([HeaderField], ResponseAssembly.Format)])
    func `The headers of a response say how to read it`(_ sample: ([HeaderField], ResponseAssembly.Format)) throws {
        #expect(try ResponseAssembly.Format(sample.0) == sample.1)
    }

    @Test(arguments: ["Streaming", "buffered", ""])
    func `Any other response mode is refused`(mode: String) {
        #expect(throws: Failure.wrongResponseMode(mode)) {
            try ResponseAssembly.Format([HeaderField("lambda-runtime-function-response-mode", mode)])
        }
    }
}
