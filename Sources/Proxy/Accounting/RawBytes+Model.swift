import JSONBytes

extension UnsafeRawBufferPointer {
    /// The first string that is called `model` and isn't empty, of at most 200 characters.
    var servedModel: String? {
        var start = 0
        while start < count {
            guard let quote = self[start...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
            start = quote + 1
            guard has("model\"", at: start), let value = startOfValue(behind: start + 6) else { continue }
            // As long as 200 characters can be, were they all escaped.
            var reader = JSONReader(Array(self[value...].prefix(2500)))
            guard let name = try? reader.readString(), !name.isEmpty else { continue }
            return String(name.prefix(200))
        }
        return nil
    }
}
