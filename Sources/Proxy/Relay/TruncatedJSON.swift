extension [UInt8] {
    /// The beginning of a JSON object or array, closed where it breaks off: what it says up to there can be read. Any other
    /// text as it is.
    var closedJSON: [UInt8] {
        guard let start = firstIndex(where: { !$0.isWhiteSpace }), self[start].closer != nil else { return self }
        var closers: [UInt8] = []
        var isInString = false
        // Where the escape begins that may not be whole.
        var escape: Int?
        for index in start..<count {
            let byte = self[index]
            if let begun = escape {
                let length = self[begun + 1] == UInt8(ascii: "u") ? 6 : 2
                if index + 1 - begun >= length { escape = nil }
            } else if isInString {
                if byte == UInt8(ascii: "\\") { escape = index }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if let closer = byte.closer {
                closers.append(closer)
            } else if byte == closers.last {
                closers.removeLast()
                if closers.isEmpty { return self }
            }
        }
        let rest: [UInt8] = isInString ? [UInt8(ascii: "\"")] : []
        return self[..<(escape ?? count)] + rest + closers.reversed()
    }
}
