import HTTPTypes

@testable import CurlTransport

/// Whatever its lines and line ends, a head has a status that HTTP allows, is refused if and only if it exceeds the
/// maximum size, and reads the same after its parsed parts are written again.
enum ResponseHeadFuzz: FuzzTarget {
    /// Not a field. Its line ends early, so that the rest takes no time.
    private static let filler = Array("x\n".utf8) + [UInt8](repeating: 0x78, count: ResponseHeadParser.maximumSize)

    static func check(_ input: [UInt8]) {
        let lines = lines(of: input)
        let head = read(lines)
        require((100...999).contains(head.status.code), "the status \(head.status.code)")
        let trimmed = lines.map { Array($0.prefix { $0 != 0x0D && $0 != 0x0A }) + [0x0D, 0x0A] }
        require(isSame(read(trimmed), head), "other line ends make another head")
        require(isSame(read(written(head)), head), "\(head.status) \(head.fields) reads otherwise when written anew")
        checkSize(head, left: ResponseHeadParser.maximumSize - input.count)
    }

    /// Each line is in its own memory, as libcurl passes them, so that reading past its end is noticed.
    private static func read(_ lines: [[UInt8]]) -> ResponseHeadParser {
        var head = ResponseHeadParser()
        for line in lines {
            require(line.withUnsafeBytes { head.receive($0) }, "a head was refused that is not too large")
        }
        return head
    }

    private static func lines(of input: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var rest = input[...]
        while let end = rest.firstIndex(of: 0x0A) {
            lines.append(Array(rest[...end]))
            rest = rest[(end + 1)...]
        }
        return rest.isEmpty ? lines : lines + [Array(rest)]
    }

    private static func written(_ head: ResponseHeadParser) -> [[UInt8]] {
        let fields = head.fields.map { "\($0.name.rawName): \($0.value)\r\n" }
        let lines = ["HTTP/1.1 \(head.status.code) OK\r\n"] + fields + (head.isComplete ? ["\r\n"] : [])
        return lines.map { Array($0.utf8) }
    }

    private static func isSame(_ one: ResponseHeadParser, _ other: ResponseHeadParser) -> Bool {
        one.status == other.status && one.fields == other.fields && one.isComplete == other.isComplete
    }

    private static func checkSize(_ head: ResponseHeadParser, left: Int) {
        var head = head
        require(filler[..<left].withUnsafeBytes { head.receive($0) }, "a head of the largest size was refused")
        require(!filler[..<1].withUnsafeBytes { head.receive($0) } && head.isTooLarge, "a head may grow without end")
    }
}
