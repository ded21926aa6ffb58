/// An item of the table: its attributes in the order in which they were set.
struct TableItem {
    /// The names are numbers of `AttributeNames`.
    private var attributes: [(name: Int, value: AttributeValue)] = []

    /// In bytes: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    private static let longest = 400 * 1024

    /// The item of a `PutItem`, or an item that has nothing but its key.
    init(_ request: TableRequest) {
        attributes.reserveCapacity(5)
        for (name, value) in request.attributes { self[name] = AttributeValue(value, in: request.call) }
    }

    /// nil is an attribute that doesn't exist.
    subscript(name: Int) -> AttributeValue? {
        get { attributes.first { $0.name == name }?.value }
        set {
            let place = attributes.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): attributes[place].value = value
            case (let place?, nil): attributes.remove(at: place)
            case (nil, let value?): attributes.append((name, value))
            case (nil, nil): break
            }
        }
    }

    func isTooLarge(_ names: AttributeNames) -> Bool {
        attributes.reduce(0) { $0 + names.length(of: $1.name) + $1.value.storedSize } > Self.longest
    }

    func write(to output: inout [UInt8], _ names: AttributeNames) {
        output.append(UInt8(ascii: "{"))
        for (index, attribute) in attributes.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output += names.json(of: attribute.name)
            attribute.value.write(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}
