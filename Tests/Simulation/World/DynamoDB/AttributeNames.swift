/// The names of all attributes that calls have named so far. Items refer to them by number.
struct AttributeNames {
    private var names: [(text: [UInt8], json: [UInt8])] = []

    /// The number of `id`, the table's only key.
    static let key = 0

    init() { _ = number(of: Array("id".utf8), at: 0..<2) }

    /// The number of the name at a place of a text. A new name gets the next number.
    mutating func number(of text: [UInt8], at place: Range<Int>) -> Int {
        if let number = names.firstIndex(where: { text.hasText($0.text, at: place) }) { return number }
        let name = Array(text[place])
        var json: [UInt8] = []
        json.append(string: name)
        json.append(UInt8(ascii: ":"))
        names.append((name, json))
        return names.count - 1
    }

    /// - Returns: nil if no call has named such an attribute.
    func number(of name: String) -> Int? {
        let name = Array(name.utf8)
        return names.firstIndex { $0.text == name }
    }

    /// The name as a member of a JSON object, with its colon.
    func json(of number: Int) -> [UInt8] { names[number].json }

    /// In bytes.
    func length(of number: Int) -> Int { names[number].text.count }
}
