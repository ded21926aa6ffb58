/// One change of an attribute.
struct UpdateAction {
    enum Verb: String { case add = "ADD", delete = "DELETE", set = "SET" }

    let verb: Verb
    let name: Int
    let value: RequestValue
}

extension ExpressionParser {
    /// Reads an update expression to its end.
    mutating func updateActions() throws(TableError) -> [UpdateAction] {
        var actions: [UpdateAction] = []
        actions.reserveCapacity(4)
        var clauses: [UpdateAction.Verb] = []
        while let verb = try readVerb() {
            guard !clauses.contains(verb) else {
                throw invalid("The \"\(verb.rawValue)\" section can only be used once in an update expression")
            }
            clauses.append(verb)
            actions.append(try readAction(verb))
            while case .comma = token {
                try advance()
                actions.append(try readAction(verb))
            }
        }
        for (index, action) in actions.enumerated() where actions[..<index].contains(where: { $0.name == action.name })
        {
            throw invalid("Two document paths overlap with each other; must remove or rewrite one of these paths")
        }
        return actions
    }

    private mutating func readVerb() throws(TableError) -> UpdateAction.Verb? {
        let verb: UpdateAction.Verb
        switch token {
        case .word(.add): verb = .add
        case .word(.delete): verb = .delete
        case .word(.set): verb = .set
        case .end: return nil
        default: throw unexpected
        }
        try advance()
        return verb
    }

    private mutating func readAction(_ verb: UpdateAction.Verb) throws(TableError) -> UpdateAction {
        guard case .name(let name) = token else { throw unexpected }
        guard name != AttributeNames.key else {
            throw .validation("Cannot update attribute id. This attribute is part of the key")
        }
        try advance()
        if verb == .set {
            guard case .comparator(.equal) = token else { throw unexpected }
            try advance()
        }
        guard case .value(let value) = token else { throw unexpected }
        try advance()
        guard verb.takes(value) else {
            throw invalid("Incorrect operand type for operator or function; operator: \(verb.rawValue)")
        }
        return UpdateAction(verb: verb, name: name, value: value)
    }
}

extension UpdateAction.Verb {
    fileprivate func takes(_ value: RequestValue) -> Bool {
        switch (self, value) {
        case (.set, _), (.add, .number), (.add, .texts), (.delete, .texts): true
        default: false
        }
    }
}

extension TableItem {
    mutating func apply(_ action: UpdateAction, of call: CallNodes) throws(TableError) {
        switch (action.verb, self[action.name], AttributeValue(action.value, in: call)) {
        case (.set, _, let value), (.add, nil, let value): self[action.name] = value
        case (.delete, nil, _): break
        case (.add, .number(let old)?, .number(let added)):
            let (sum, isTooLong) = old.addingReportingOverflow(added)
            guard !isTooLong, sum.magnitude < Int128.bound.magnitude else {
                throw .validation("Attempting to store more than 38 significant digits in a Number")
            }
            self[action.name] = .number(sum)
        case (.add, .texts(let old)?, .texts(let added)):
            self[action.name] = .texts(old + added.filter { !old.contains($0) })
        case (.delete, .texts(let old)?, .texts(let removed)):
            let rest = old.filter { !removed.contains($0) }
            // There are no empty sets.
            self[action.name] = rest.isEmpty ? nil : .texts(rest)
        default: throw .validation("An operand in the update expression has an incorrect data type")
        }
    }
}
