/// A message of AWS's event streams: two lengths and their checksum, headers, a payload, and a checksum of all that.
/// Numbers are big-endian (https://smithy.io/2.0/aws/amazon-eventstream.html).
enum EventStreamMessage {
    /// - Parameter payload: JSON.
    static func bytes(_ eventType: String, _ payload: String) -> [UInt8] {
        let headers =
            header(":event-type", eventType) + header(":content-type", "application/json")
            + header(":message-type", "event")
        let lengths = bigEndian(16 + headers.count + payload.utf8.count) + bigEndian(headers.count)
        let message = lengths + bigEndian(checksum(lengths[...])) + headers + payload.utf8
        return message + bigEndian(checksum(message[...]))
    }

    /// Corrects the checksum at the end of a message that has changed.
    static func writeChecksum(in bytes: inout [UInt8], _ message: Range<Int>) {
        let end = message.upperBound - 4
        let value = checksum(bytes[message.lowerBound..<end])
        for index in 0..<4 { bytes[end + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index)) }
    }

    /// A header whose value is a string, which is type 7.
    private static func header(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(name.utf8.count)] + name.utf8 + [7] + bigEndian(value.utf8.count).suffix(2) + value.utf8
    }

    private static func bigEndian(_ number: some BinaryInteger) -> [UInt8] {
        withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) }
    }

    /// CRC-32, as in zlib.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { remainder, byte in
            remainders[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)] ^ remainder >> 8
        }
    }

    private static let remainders = (0..<256).map { (byte: UInt32) in
        (0..<8).reduce(byte) { remainder, _ in remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
    }
}
