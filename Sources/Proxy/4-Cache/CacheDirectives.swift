import JSONBytes

/// What a caller's `Cache-Control` demands: RFC 9111, section 5.2.1. Unknown directives are ignored.
struct CacheDirectives: Equatable {
    /// A stored response may not be used.
    private(set) var isNoCache = false
    /// Neither may a stored response be used, nor this one be stored.
    private(set) var isNoStore = false
    /// Only a stored response may be used.
    private(set) var isOnlyIfCached = false
    /// How old a stored response may be. In seconds.
    private(set) var maxAge: Int?

    /// Longer fields aren't read further. In bytes.
    private static let longest = 1024

    init(_ field: String?) {
        guard let field else { return }
        for part in Array(field.utf8.prefix(Self.longest)).split(separator: UInt8(ascii: ",")) {
            let directive = part.withoutOuterBlanks
            let name = directive.prefix { $0 != UInt8(ascii: "=") }
            if Self.isNamed(name, "no-cache") { isNoCache = true }
            if Self.isNamed(name, "no-store") { isNoStore = true }
            if Self.isNamed(name, "only-if-cached") { isOnlyIfCached = true }
            if Self.isNamed(name, "max-age") { note(maxAge: directive.dropFirst(name.count + 1)) }
        }
    }

    /// Whether a response of this age may be used.
    func allow(age: Int) -> Bool { maxAge.map { age <= $0 } ?? true }

    private static func isNamed(_ name: ArraySlice<UInt8>, _ word: StaticString) -> Bool {
        name.withoutOuterBlanks.elementsEqual(word.utf8Bytes, by: UInt8.isSameLetter)
    }

    /// The shortest of several counts. What isn't a number counts as 0: the caller wants something fresh.
    private mutating func note(maxAge text: ArraySlice<UInt8>) {
        let digits = text.withoutOuterBlanks.filter { $0 != UInt8(ascii: "\"") }
        let isNumber = !digits.isEmpty && digits.allSatisfy(\.isDigit)
        // RFC 9111, section 1.2.2: a number that is too large counts as the largest that the cache can represent.
        let age = isNumber ? Int(String(decoding: digits, as: UTF8.self)) ?? .max : 0
        maxAge = min(maxAge ?? .max, age)
    }
}
