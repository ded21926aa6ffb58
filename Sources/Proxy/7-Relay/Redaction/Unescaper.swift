import Digests

/// A byte of the unescaped text, and the range in the original text that stands for it.
struct TextUnit: Equatable {
    var byte: UInt8
    var start: Int
    var end: Int
}

/// Resolves the escapes of quoted text, byte by byte: `%2B`, `\/`, `\u002b`, `&#43;`, `&quot;`. They may be nested in
/// any order, as in JSON inside HTML inside JSON, up to three deep, and deeper if the same escape repeats.
///
/// It is less exact than a real decoder, which does no harm if both sides of a comparison go through it: consecutive
/// backslashes are dropped, and `\n` becomes `n`.
struct Unescaper {
    /// The longest escape of one byte, longer than any in real texts. Longer ones are left unresolved. In bytes.
    fileprivate static let longest = 256

    private var outer = Layer()
    private var middle = Layer()
    private var inner = Layer()
    private var first: [TextUnit] = []
    private var second: [TextUnit] = []

    static func isEscape(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
    }

    /// The bytes of a whole text.
    static func bytes(of text: some Sequence<UInt8>) -> [UInt8] {
        var unescaper = Unescaper()
        var units: [TextUnit] = []
        for (index, byte) in text.enumerated() {
            unescaper.receive(TextUnit(byte: byte, start: index, end: index + 1), into: &units)
        }
        unescaper.finish(into: &units)
        return units.map(\.byte)
    }

    /// The start of an escape whose end hasn't arrived yet; nil if there is none.
    var start: Int? { earliest(inner.start, earliest(middle.start, outer.start)) }

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        first.removeAll(keepingCapacity: true)
        outer.receive(unit, into: &first)
        pass(isLast: false, into: &output)
    }

    /// Ends the text: what is held wasn't an escape.
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
    /// The length of a common escape at this offset that can't stand for `first` or begin another escape; otherwise
    /// nil. Most texts have no other escapes, so they are skipped without being read byte by byte.
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

    /// `\u4f60` or `\u00fc`
    private static func isBeyondASCII(at index: Int, of text: UnsafeRawBufferPointer) -> Bool {
        guard index &+ 6 <= text.count else { return false }
        let digits = UnsafeRawBufferPointer(rebasing: text[index &+ 2..<index &+ 6])
        guard digits.allSatisfy({ Hexadecimal.value($0) != nil }) else { return false }
        // Hexadecimal digits from 8 on are also larger as characters.
        return !digits.has("00", at: 0) || digits[2] >= UInt8(ascii: "8")
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
        // Most bytes pass unchanged.
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

// MARK: - Decoders

/// Decodes `%2B`, and `%252B` to the same byte.
private struct PercentDecoder {
    /// A percent sign, perhaps with one digit.
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

/// Decodes `\/`, `\u002b`, `\u{2b}` and `\x2b`, after any number of backslashes, and surrogate pairs, with which JSON
/// writes scalars of more than four digits.
private struct BackslashDecoder {
    /// The backslashes as one unit, the letter, and what follows it.
    private var held: [TextUnit] = []
    /// The first half of a surrogate pair.
    private var half: (value: UInt32, unit: TextUnit)?

    var start: Int? { half?.unit.start ?? held.first?.start }

    private var isUnicode: Bool { held[1].byte == UInt8(ascii: "u") }
    private var isBraced: Bool { held.count > 2 && held[2].byte == UInt8(ascii: "{") }

    mutating func receive(_ unit: TextUnit, into output: inout [TextUnit]) {
        guard !held.isEmpty else { return begin(unit, into: &output) }
        if held.count == 1 { return receive(afterRun: unit, into: &output) }
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

    private mutating func receive(afterRun unit: TextUnit, into output: inout [TextUnit]) {
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

    /// The result belongs to the next layer: a backslash that was written as a number begins no escape in this one.
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

    /// What looked like a number isn't one: the backslashes escape only the letter.
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

    /// Writes a half without a second half, which stands for no character.
    private mutating func writeHalf(into output: inout [TextUnit]) {
        if let half { output.append(half.unit) }
        half = nil
    }
}

/// Decodes `&amp;`, `&#43;` and `&#x2b;`, and `&amp;#43;` to the same byte.
private struct EntityDecoder {
    /// From the ampersand on.
    private(set) var held: [TextUnit] = []

    /// The names that encoders use for ASCII characters.
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

    /// The bytes that a name between `&` and `;` stands for; nil if it is unknown.
    private static func meaning(_ name: [UInt8]) -> [UInt8]? {
        guard name.first == UInt8(ascii: "#") else {
            return names.first { name.elementsEqual($0.name.utf8) }.map { [$0.byte] }
        }
        let isHexadecimal = name.count > 1 && name[1] | 0x20 == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHexadecimal ? 2 : 1), as: UTF8.self)
        return UInt32(digits, radix: isHexadecimal ? 16 : 10).map { utf8($0) }
    }
}

/// The bytes of a scalar; a zero byte, which is in no token, for an invalid one.
private func utf8(_ value: UInt32) -> [UInt8] {
    Unicode.Scalar(value).map { Array(UTF8.encode($0) ?? UTF8.encodedReplacementCharacter) } ?? [0]
}
