import CZlib

/// Compression in zlib's format: RFC 1950.
package enum Deflate {
    /// The fastest level. Repeated events, which most of a stream consists of, compress well even so.
    private static let level = Z_BEST_SPEED
    /// zlib compresses at most 1032 bytes into one (https://zlib.net/zlib_tech.html).
    private static let largestRatio = 1032

    package static func compress(_ bytes: [UInt8]) -> [UInt8] {
        let bound = compressBound(uLong(bytes.count))
        return Array(unsafeUninitializedCapacity: Int(bound)) { output, count in
            var length = bound
            let status = compress2(output.baseAddress, &length, bytes, uLong(bytes.count), level)
            precondition(status == Z_OK, "zlib could not compress: there is not enough memory")
            count = Int(length)
        }
    }

    /// - Parameter limit: how long the result may be, in bytes.
    /// - Returns: nil if the input is damaged, has bytes after its end, or would become longer than `limit`.
    package static func decompress(_ bytes: [UInt8], upTo limit: Int) -> [UInt8]? {
        // One byte more shows a result that is too long.
        let longest = min(limit, bytes.count.multipliedReportingOverflow(by: largestRatio).partialValue)
        guard longest >= 0, longest < Int.max else { return nil }
        var isWhole = false
        let output = [UInt8](unsafeUninitializedCapacity: longest + 1) { output, count in
            var (length, taken) = (uLong(longest + 1), uLong(bytes.count))
            let status = uncompress2(output.baseAddress, &length, bytes, &taken)
            isWhole = status == Z_OK && Int(taken) == bytes.count && Int(length) <= longest
            count = isWhole ? Int(length) : 0
        }
        return isWhole ? output : nil
    }
}
