extension Collection where Element: Equatable {
    /// `split(separator:)` with a collection as the separator, which swift-http-types calls for cookies. It has the
    /// symbol name of Swift's own function, so the linker doesn't take that one, and with it 1.4 MB of regular
    /// expressions: docs/decisions/0004.
    @_silgen_name(
        "$sSl17_StringProcessingSQ7ElementRpzrlE5split9separator9maxSplits25omittingEmptySubsequencesSay11SubSequenceQzGqd___SiSbtSlRd__ABQyd__ACRSlF"
    )
    public func parts<Separator: Collection>(
        separator: Separator, maxSplits: Int, omittingEmptySubsequences: Bool
    ) -> [SubSequence] where Separator.Element == Element {
        var parts: [SubSequence] = []
        var begin = startIndex
        var place = begin
        func keep(_ part: SubSequence) {
            if !(part.isEmpty && omittingEmptySubsequences) { parts.append(part) }
        }
        while place != endIndex, parts.count < maxSplits, !separator.isEmpty {
            if self[place...].starts(with: separator) {
                keep(self[begin..<place])
                formIndex(&place, offsetBy: separator.count)
                begin = place
            } else {
                formIndex(after: &place)
            }
        }
        keep(self[begin...])
        return parts
    }
}

/// Replaces `hypotf`, which Swift's Glibc module refers to although the program never calls it. glibc's own has the
/// symbol version 2.35. It would be the only symbol that keeps the program from starting on Lambda's `provided.al2023`,
/// which has glibc 2.34.
@c(hypotf)
package func hypotenuse(_ x: Float, _ y: Float) -> Float {
    Float((Double(x) * Double(x) + Double(y) * Double(y)).squareRoot())
}
