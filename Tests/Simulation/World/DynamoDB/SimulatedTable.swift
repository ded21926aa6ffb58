/// A DynamoDB table in memory, whose only key is `id`, a text.
///
/// It carries out one call after the other, each as a whole or not at all, so it is linearizable; a read that isn't
/// consistent finds what was written last, too. It never deletes items that have expired. It knows what the program
/// sends, and refuses everything else. `test_simulated_table.py` compares it with moto.
package struct SimulatedTable {
    /// Of all items that ever were. They are few, so they are searched one by one.
    private var ids: [[UInt8]] = []
    /// In the order of `ids`; nil if the item was deleted.
    private var items: [TableItem?] = []
    private var names = AttributeNames()

    package init() {}

    /// Carries out a call.
    /// - Parameters:
    ///   - operation: the part of `X-Amz-Target` after the dot.
    ///   - body: of the HTTP request.
    /// - Returns: the status and body of the HTTP response.
    package mutating func answer(_ operation: String, _ body: [UInt8]) -> (status: Int, body: [UInt8]) {
        do throws(TableError) {
            guard let operation = TableOperation(rawValue: operation) else {
                throw TableError("UnknownOperationException", "The simulated table doesn't know \(operation)")
            }
            return (200, try perform(operation, try TableRequest(operation, body, &names)))
        } catch {
            return (error.status, error.body)
        }
    }

    private mutating func perform(
        _ operation: TableOperation, _ request: TableRequest
    ) throws(TableError) -> [UInt8] {
        let place = ids.firstIndex { request.text.hasText($0, at: request.id) }
        let old = place.flatMap { items[$0] }
        switch operation {
        case .get: return response("Item", old)
        case .delete: if let place { items[place] = nil }
        case .put:
            let item = TableItem(request)
            guard !item.isTooLarge(names) else { throw .validation("Item size has exceeded the maximum allowed size") }
            set(item, at: place, request)
        case .update:
            let item = try updated(old, request)
            set(item, at: place, request)
            if request.wantsNewItem { return response("Attributes", item) }
        }
        return response("", nil)
    }

    private mutating func set(_ item: TableItem, at place: Int?, _ request: TableRequest) {
        if let place {
            items[place] = item
        } else {
            ids.append(Array(request.text[request.id]))
            items.append(item)
        }
    }

    /// The item as it is after an update. All that is wrong with the call is found before its condition is considered.
    private func updated(_ old: TableItem?, _ request: TableRequest) throws(TableError) -> TableItem {
        var parser = try ExpressionParser(request)
        var actions: [UpdateAction] = []
        var isAllowed = true
        if let place = request.updateExpression {
            try parser.begin("UpdateExpression", place)
            actions = try parser.updateActions()
        }
        if let place = request.conditionExpression {
            try parser.begin("ConditionExpression", place)
            isAllowed = try parser.condition(of: old)
        }
        try parser.requireUse()
        guard isAllowed else {
            var error = TableError.conditionFailed
            if request.wantsOldItemOnFailure { error.item = old.map(json) }
            throw error
        }
        var item = old ?? TableItem(request)
        for action in actions { try item.apply(action, of: request.call) }
        guard !item.isTooLarge(names) else {
            throw .validation("Item size to update has exceeded the maximum allowed size")
        }
        return item
    }

    private func json(_ item: TableItem) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(256)
        item.write(to: &output, names)
        return output
    }

    /// - Parameter item: nil for an empty response.
    private func response(_ member: String, _ item: TableItem?) -> [UInt8] {
        guard let item else { return Array("{}".utf8) }
        var body: [UInt8] = []
        body.reserveCapacity(256)
        body += "{\"\(member)\":".utf8
        item.write(to: &body, names)
        body.append(UInt8(ascii: "}"))
        return body
    }
}

// MARK: - Refusals

extension SimulatedTable {
    /// The body of an error response, such as that of `ThrottlingException`.
    package static func error(_ name: String) -> [UInt8] { TableError(name, "Injected by the simulation").body }

    /// The status of an error response.
    package static func status(ofError name: String) -> Int { TableError(name, "").status }
}

// MARK: - For invariants

extension SimulatedTable {
    /// The ids of all items, in the order in which they were first written.
    package var itemIDs: [String] {
        zip(ids, items).compactMap { id, item in item.map { _ in String(decoding: id, as: UTF8.self) } }
    }

    /// - Returns: nil if there is no such item or attribute, or if it isn't a number that fits.
    package func number(_ attribute: String, of item: String) -> Int? {
        guard case .number(let number)? = value(attribute, of: item) else { return nil }
        return Int(exactly: number)
    }

    /// The members of a set.
    /// - Returns: nil if there is no such item or attribute, or if it isn't a set.
    package func texts(_ attribute: String, of item: String) -> [String]? {
        guard case .texts(let texts)? = value(attribute, of: item) else { return nil }
        return texts.map { String(decoding: $0, as: UTF8.self) }
    }

    private func value(_ attribute: String, of item: String) -> AttributeValue? {
        let id = Array(item.utf8)
        guard let place = ids.firstIndex(of: id), let name = names.number(of: attribute) else { return nil }
        return items[place]?[name]
    }
}
