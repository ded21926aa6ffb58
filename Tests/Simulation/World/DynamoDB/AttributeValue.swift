import JSONBytes

/// The value of an attribute, of one of the four types that the program writes.
///
/// Texts are kept as bytes, because DynamoDB compares bytes, and Swift's `String` compares what is canonically equal.
enum AttributeValue {
    /// A whole number of at most 38 digits, which is DynamoDB's precision.
    case number(Int128)
    case text([UInt8])
    /// In base64.
    case binary([UInt8])
    /// Not empty, without duplicates, in the order in which they were added.
    case texts([[UInt8]])

    /// What counts for the limit of an item's size, in bytes. A number counts as the longest one:
    /// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    var storedSize: Int {
        switch self {
        case .number: 21
        case .text(let text): text.count
        case .binary(let base64): Self.decodedCount(of: base64)
        case .texts(let texts): texts.reduce(0) { $0 + $1.count }
        }
    }

    /// What the function `size` returns; nil for a number, which has no size.
    var size: Int? {
        switch self {
        case .number: nil
        case .text(let text): text.count
        case .binary(let base64): Self.decodedCount(of: base64)
        case .texts(let texts): texts.count
        }
    }

    private static func decodedCount(of base64: [UInt8]) -> Int {
        base64.count / 4 * 3 - base64.suffix(2).count { $0 == UInt8(ascii: "=") }
    }
}

extension AttributeValue: Equatable {
    /// Sets are equal if they have the same members.
    static func == (one: AttributeValue, other: AttributeValue) -> Bool {
        switch (one, other) {
        case (.number(let one), .number(let other)): one == other
        case (.text(let one), .text(let other)): one == other
        case (.binary(let one), .binary(let other)): one == other
        case (.texts(let one), .texts(let other)): one.count == other.count && one.allSatisfy(other.contains)
        default: false
        }
    }
}

extension AttributeValue {
    init(_ value: RequestValue, in call: CallNodes) {
        switch value {
        case .number(let number): self = .number(number)
        case .text(let place): self = .text(Array(call.text[place]))
        case .binary(let place): self = .binary(Array(call.text[place]))
        case .texts(let members): self = .texts(call.nodes[members].map { Array(call.text[$0.place]) })
        }
    }
}

// MARK: - JSON

extension AttributeValue {
    func write(to output: inout [UInt8]) {
        switch self {
        case .number(let number):
            output += #"{"N":""#.utf8
            if let small = Int(exactly: number) { output += String(small).utf8 } else { output += String(number).utf8 }
            output += #""}"#.utf8
        case .text(let text):
            output += #"{"S":"#.utf8
            output.append(string: text)
            output.append(UInt8(ascii: "}"))
        case .binary(let base64):
            output += #"{"B":""#.utf8
            output += base64
            output += #""}"#.utf8
        case .texts(let texts):
            output += #"{"SS":"#.utf8
            for (index, text) in texts.enumerated() {
                output.append(index == 0 ? UInt8(ascii: "[") : UInt8(ascii: ","))
                output.append(string: text)
            }
            output += "]}".utf8
        }
    }
}

extension [UInt8] {
    /// Appends the JSON string of a text.
    mutating func append(string text: [UInt8]) {
        guard text.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            append(UInt8(ascii: "\""))
            append(contentsOf: text)
            return append(UInt8(ascii: "\""))
        }
        JSONValue.string(String(decoding: text, as: UTF8.self)).write(to: &self)
    }
}

extension Int128 {
    /// The bound of DynamoDB's precision.
    static let bound: Int128 = 100_000_000_000_000_000_000_000_000_000_000_000_000

    /// - Returns: nil for anything but an optional minus and 1 to 38 digits.
    init?(digits text: ArraySlice<UInt8>) {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = text.dropFirst(isNegative ? 1 : 0)
        guard (1...38).contains(digits.count) else { return nil }
        var number: Int128 = 0
        for digit in digits {
            guard digit.isDigit else { return nil }
            number = number &* 10 &+ Int128(digit &- UInt8(ascii: "0"))
        }
        self = isNegative ? -number : number
    }
}
