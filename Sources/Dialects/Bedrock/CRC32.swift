/// CRC-32 as in zlib and Ethernet: the reflected polynomial 0x04C11DB7.
enum CRC32 {
    /// The checksum of each byte. Computed when it is first used.
    private static let table = InlineArray<256, UInt32> { index in
        (0..<8).reduce(UInt32(index)) { crc, _ in crc >> 1 ^ (crc & 1 == 0 ? 0 : 0xEDB8_8320) }
    }

    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { crc, byte in crc >> 8 ^ table[Int((crc ^ UInt32(byte)) & 0xFF)] }
    }
}
