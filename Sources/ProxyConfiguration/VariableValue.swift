import Proxy

/// What a value of the table is for: how carefully it is looked at for what nobody resolves.
enum ValueKind {
    case secret, address, text
    /// The owner's own, with the blanks around it.
    case name

    /// By the key that it stands behind.
    init(of key: String) {
        switch key {
        case "token", "key", "key_hash": self = .secret
        case "url", "endpoint": self = .address
        case "name": self = .name
        default: self = .text
        }
    }
}

/// What an environment variable brings.
enum VariableValue: Equatable {
    /// Not set, or nothing but blanks.
    case empty
    /// Without blanks around it, as files of variables and commands often leave them.
    case bytes(ArraySlice<UInt8>)
    /// It can't be meant. As good as missing: no default stands in for it.
    case unusable(_ reason: String)

    init(_ text: String?, for kind: ValueKind) {
        let bytes = Array((text ?? "").utf8).withoutOuterBlanks
        if bytes.isEmpty {
            self = .empty
        } else if ForeignReference.isWhole(bytes, isSecret: kind == .secret) {
            self = .unusable("holds a reference to another value, such as '$NAME', which is not resolved")
        } else if kind == .secret, bytes.contains(where: \.isControl) {
            self = .unusable("contains a line break or another control character")
        } else {
            self = .bytes(bytes)
        }
    }
}

extension UInt8 {
    var isControl: Bool { self < 0x20 || self == 0x7F }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isUppercase: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    var isLetter: Bool { isUppercase || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) }
    var isOfVariableName: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }
}
