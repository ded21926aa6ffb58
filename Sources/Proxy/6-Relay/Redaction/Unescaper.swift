import Digests

/// A byte of a text with its escapes resolved, and where in the text that is written.
struct TextUnit: Equatable {
    var byte: UInt8
    var start: Int
    var end: Int
}

/// Resolves the escapes in which a text may be quoted, byte by byte: `%2B`, `\/`, `\u002b`, `&#43;`, `&quot;`, and each
/// inside of others in any order, as a JSON text in an HTML page in a JSON text has them: three deep, and deeper where
/// the same escape repeats.
///
/// It is coarser than any real decoder, which does no harm where both sides of a comparison go through it: a run of
/// backslashes vanishes, and `\n` is an `n`.
struct Unescaper {
    /// Longer than what anybody writes for one byte; what is longer is taken as it is. In bytes.
    fileprivate static let longest = 256

    private var outer = Layer()
    private var middle = Layer()
    private var inner = Layer()
    private var first: [TextUnit] = []
    private var second: [TextUnit] = []

    static func isEscape(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
    }

    /// The text's bytes, once each.
    static func bytes(of text: some Sequence<UInt8>) -> [UInt8] {
        var unescaper = Unescaper()
        var units: [TextUnit] = []
        for (index, byte) in text.enumerated() {
            unescaper.receive(TextUnit(byte: byte, start: index, end: index + 1), into: &units)
        }
        unescaper.finish(into: &units)
        return units.map(\.byte)
    }

    /// Where an escape begins whose end hasn't come yet; nil if there is none.
    var start: Int? { earliest(inner.start, earliest(middle.start, outer.start)) }

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        first.removeAll(keepingCapacity: true)
        outer.receive(unit, into: &first)
        pass(isLast: false, into: &output)
    }

    /// The text has ended: what is held was no escape.
    mutating func finish(into output: inout [TextUnit]) {
        first.removeAll(keepingCapacity: true)
        outer.finish(into: &first)
        pass(isLast: true, into: &output)
        inner.finish(into: &output)
    }

    private mutating func pass(isLast: Bool, into output: inout [TextUnit]) {
        second.removeAll(keepingCapacity: true)
        for unit in first { middle.receive(unit, into: &second) }
        if isLast { middle.finish(into: &second) }
        for unit in second { inner.receive(unit, into: &output) }
    }
}

extension Unescaper {
    /// The length of a common escape that begins here, where it can't stand for `first` and no other follows from it;
    /// else nil. Most texts have no others, and are passed over without being read byte by byte.
    static func escape(at index: Int, of text: UnsafeRawBufferPointer, isNot first: UInt8) -> Int? {
        guard index &+ 1 < text.count, isEscape(text[index]) else { return nil }
        let next = text[index &+ 1]
        switch text[index] {
        case UInt8(ascii: "\\"):
            if next == UInt8(ascii: "u") { return first < 0x80 && isBeyondASCII(at: index, of: text) ? 6 : nil }
            return isEscape(next) || next == UInt8(ascii: "x") || next == first ? nil : 2
        case UInt8(ascii: "%"): return isEscape(next) || Hexadecimal.value(next) != nil ? nil : 1
        default: return isEscape(next) || EntityDecoder.isPartOfName(next) ? nil : 1
        }
    }

    /// `\u4f60`
    private static func isBeyondASCII(at index: Int, of text: UnsafeRawBufferPointer) -> Bool {
        guard index &+ 6 <= text.count else { return false }
        let digits = UnsafeRawBufferPointer(rebasing: text[index &+ 2..<index &+ 6])
        return digits.allSatisfy { Hexadecimal.value($0) != nil } && !digits.has("00", at: 0)
    }
}

/// Resolves each kind of escape once.
private struct Layer {
    private var percent = PercentDecoder()
    private var backslash = BackslashDecoder()
    private var entity = EntityDecoder()
    private var first: [TextUnit] = []
    private var second: [TextUnit] = []

    var start: Int? { earliest(entity.held.first?.start, earliest(backslash.start, percent.held.first?.start)) }

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        // Most have nothing to do.
        guard Unescaper.isEscape(unit.byte) || start != nil else { return output.append(unit) }
        first.removeAll(keepingCapacity: true)
        percent.receive(unit, into: &first)
        pass(isLast: false, into: &output)
    }

    mutating func finish(into output: inout [TextUnit]) {
        first.removeAll(keepingCapacity: true)
        percent.release(into: &first)
        pass(isLast: true, into: &output)
        entity.release(into: &output)
    }

    private mutating func pass(isLast: Bool, into output: inout [TextUnit]) {
        second.removeAll(keepingCapacity: true)
        for unit in first { backslash.receive(unit, into: &second) }
        if isLast { backslash.finish(into: &second) }
        for unit in second { entity.receive(unit, into: &output) }
    }
}

private func earliest(_ one: Int?, _ other: Int?) -> Int? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
}

// MARK: - The single decoders

/// `%2B`, and `%252B` for the same.
private struct PercentDecoder {
    /// A percent sign, and a digit behind it.
    private(set) var held: [TextUnit] = []

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        guard let opening = held.first else { return begin(unit, into: &output) }
        guard let digit = Hexadecimal.value(unit.byte) else {
            release(into: &output)
            return begin(unit, into: &output)
        }
        held.append(unit)
        guard held.count == 3, let high = Hexadecimal.value(held[1].byte) else { return }
        held.removeAll(keepingCapacity: true)
        begin(TextUnit(byte: high << 4 | digit, start: opening.start, end: unit.end), into: &output)
    }

    private mutating func begin(_ unit: TextUnit, into output: inout [TextUnit]) {
        let isOpening = unit.byte == UInt8(ascii: "%") && unit.end - unit.start < Unescaper.longest
        if isOpening { held.append(unit) } else { output.append(unit) }
    }

    mutating func release(into output: inout [TextUnit]) {
        output += held
        held.removeAll(keepingCapacity: true)
    }
}

/// `\/`, `\u002b`, `\u{2b}` and `\x2b`, behind any run of backslashes; and pairs of surrogates, as JSON writes what is
/// beyond four digits.
private struct BackslashDecoder {
    /// The run as one unit, the letter, and what stands behind that.
    private var held: [TextUnit] = []
    /// The first half of a pair of surrogates.
    private var half: (value: UInt32, unit: TextUnit)?

    var start: Int? { half?.unit.start ?? held.first?.start }

    private var isUnicode: Bool { held[1].byte == UInt8(ascii: "u") }
    private var isBraced: Bool { held.count > 2 && held[2].byte == UInt8(ascii: "{") }

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        guard !held.isEmpty else { return begin(unit, into: &output) }
        if held.count == 1 { return receive(behindRun: unit, into: &output) }
        switch unit.byte {
        case UInt8(ascii: "{") where isUnicode && held.count == 2: held.append(unit)
        case UInt8(ascii: "}") where isBraced && held.count > 3: resolve(held[3...], upTo: unit.end, into: &output)
        case let byte where Hexadecimal.value(byte) != nil && held.count < (isBraced ? 9 : 6):
            held.append(unit)
            guard !isBraced, held.count == (isUnicode ? 6 : 4) else { return }
            resolve(held[2...], upTo: unit.end, into: &output)
        default:
            release(into: &output)
            begin(unit, into: &output)
        }
    }

    private mutating func receive(behindRun unit: TextUnit, into output: inout [TextUnit]) {
        let run = held[0]
        switch unit.byte {
        case UInt8(ascii: "u"), UInt8(ascii: "x"): held.append(unit)
        case UInt8(ascii: "\\"):
            held.removeAll(keepingCapacity: true)
            begin(TextUnit(byte: unit.byte, start: run.start, end: unit.end), into: &output)
        default:
            held.removeAll(keepingCapacity: true)
            write(TextUnit(byte: unit.byte, start: run.start, end: unit.end), into: &output)
        }
    }

    private mutating func begin(_ unit: TextUnit, into output: inout [TextUnit]) {
        let isOpening = unit.byte == UInt8(ascii: "\\") && unit.end - unit.start < Unescaper.longest
        if isOpening { held.append(unit) } else { write(unit, into: &output) }
    }

    /// What it stands for is left to the next layer: a backslash that was written as a number begins no escape of this
    /// one.
    private mutating func resolve(_ digits: ArraySlice<TextUnit>, upTo end: Int, into output: inout [TextUnit]) {
        var value = digits.reduce(UInt32(0)) { $0 << 4 | UInt32(Hexadecimal.value($1.byte) ?? 0) }
        var start = held[0].start
        let isByte = !isUnicode
        held.removeAll(keepingCapacity: true)
        if !isByte, (0xDC00..<0xE000).contains(value), let first = half {
            value = 0x10000 + (first.value - 0xD800) << 10 + (value - 0xDC00)
            start = first.unit.start
            half = nil
        }
        if !isByte, (0xD800..<0xDC00).contains(value) {
            writeHalf(into: &output)
            half = (value, TextUnit(byte: 0, start: start, end: end))
            return
        }
        for byte in isByte ? [UInt8(truncatingIfNeeded: value)] : utf8(value) {
            write(TextUnit(byte: byte, start: start, end: end), into: &output)
        }
    }

    /// What looked like a number was none: the run escapes the letter alone.
    private mutating func release(into output: inout [TextUnit]) {
        if held.count > 1 {
            held[1].start = held[0].start
            held.removeFirst()
        }
        for unit in held { write(unit, into: &output) }
        held.removeAll(keepingCapacity: true)
    }

    mutating func finish(into output: inout [TextUnit]) {
        release(into: &output)
        writeHalf(into: &output)
    }

    private mutating func write(_ unit: TextUnit, into output: inout [TextUnit]) {
        writeHalf(into: &output)
        output.append(unit)
    }

    /// It has no second half, so it stands for nothing.
    private mutating func writeHalf(into output: inout [TextUnit]) {
        if let half { output.append(half.unit) }
        half = nil
    }
}

/// `&amp;`, `&#43;` and `&#x2b;`, and `&amp;#43;` for the same.
private struct EntityDecoder {
    /// From the ampersand on.
    private(set) var held: [TextUnit] = []

    /// The names that encoders write for what ASCII has.
    private static let names: [(name: String, byte: UInt8)] = [
        ("amp", UInt8(ascii: "&")), ("lt", UInt8(ascii: "<")), ("gt", UInt8(ascii: ">")),
        ("quot", UInt8(ascii: "\"")), ("apos", UInt8(ascii: "'")), ("plus", UInt8(ascii: "+")),
        ("sol", UInt8(ascii: "/")), ("equals", UInt8(ascii: "=")), ("lowbar", UInt8(ascii: "_")),
        ("period", UInt8(ascii: ".")), ("colon", UInt8(ascii: ":")), ("bsol", UInt8(ascii: "\\")),
    ]
    /// Leading zeros included.
    private static let longestName = 10

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        guard let opening = held.first else { return begin(unit, into: &output) }
        if unit.byte == UInt8(ascii: ";"), let bytes = Self.meaning(held.dropFirst().map(\.byte)) {
            held.removeAll(keepingCapacity: true)
            for byte in bytes {
                begin(TextUnit(byte: byte, start: opening.start, end: unit.end), into: &output)
            }
        } else if Self.isPartOfName(unit.byte), held.count <= Self.longestName {
            held.append(unit)
        } else {
            release(into: &output)
            begin(unit, into: &output)
        }
    }

    private mutating func begin(_ unit: TextUnit, into output: inout [TextUnit]) {
        let isOpening = unit.byte == UInt8(ascii: "&") && unit.end - unit.start < Unescaper.longest
        if isOpening { held.append(unit) } else { output.append(unit) }
    }

    mutating func release(into output: inout [TextUnit]) {
        output += held
        held.removeAll(keepingCapacity: true)
    }

    static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "#"):
            true
        default: false
        }
    }

    /// What stands between `&` and `;` as bytes; nil if it is none of these.
    private static func meaning(_ name: [UInt8]) -> [UInt8]? {
        guard name.first == UInt8(ascii: "#") else {
            return names.first { name.elementsEqual($0.name.utf8) }.map { [$0.byte] }
        }
        let isHexadecimal = name.count > 1 && name[1] | 0x20 == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHexadecimal ? 2 : 1), as: UTF8.self)
        return UInt32(digits, radix: isHexadecimal ? 16 : 10).map { utf8($0) }
    }
}

/// A scalar's bytes. What is none is in no token.
private func utf8(_ value: UInt32) -> [UInt8] {
    Unicode.Scalar(value).map { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) } ?? [0]
}
