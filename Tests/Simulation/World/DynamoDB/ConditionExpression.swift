extension ExpressionParser {
    /// Reads a condition to its end, and evaluates it.
    /// - Parameter item: nil if there is none.
    mutating func condition(of item: TableItem?) throws(TableError) -> Bool {
        let isTrue = try disjunction(item).isTrue
        guard case .end = token else { throw unexpected }
        return isTrue
    }

    /// - Returns: `isEnclosed` is whether it is nothing but a condition in parentheses.
    private mutating func disjunction(_ item: TableItem?) throws(TableError) -> (isTrue: Bool, isEnclosed: Bool) {
        var (isTrue, isEnclosed) = try conjunction(item)
        while case .word(.or) = token {
            try advance()
            let next = try conjunction(item).isTrue
            (isTrue, isEnclosed) = (isTrue || next, false)
        }
        return (isTrue, isEnclosed)
    }

    private mutating func conjunction(_ item: TableItem?) throws(TableError) -> (isTrue: Bool, isEnclosed: Bool) {
        var (isTrue, isEnclosed) = try term(item)
        while case .word(.and) = token {
            try advance()
            let next = try term(item).isTrue
            (isTrue, isEnclosed) = (isTrue && next, false)
        }
        return (isTrue, isEnclosed)
    }

    private mutating func term(_ item: TableItem?) throws(TableError) -> (isTrue: Bool, isEnclosed: Bool) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else { throw invalid("The expression contains too many operators") }
        switch token {
        case .word(.not):
            try advance()
            return (!(try term(item).isTrue), false)
        case .open:
            try advance()
            let (isTrue, isEnclosed) = try disjunction(item)
            guard !isEnclosed else { throw invalid("The expression has redundant parentheses") }
            guard case .close = token else { throw unexpected }
            try advance()
            return (isTrue, true)
        case .word(.exists): return (try argument(item) != nil, false)
        case .word(.notExists): return (try argument(item) == nil, false)
        default: return (try comparison(item), false)
        }
    }

    /// DynamoDB allows 300 operators: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    private static let deepest = 300

    private mutating func comparison(_ item: TableItem?) throws(TableError) -> Bool {
        let left = try operand(item)
        guard case .comparator(let comparator) = token else { throw unexpected }
        try advance()
        if !comparator.isForAllTypes, case .value(.texts) = token {
            throw invalid("Incorrect operand type for operator or function; operand type: SS")
        }
        return comparator.holds(left, try operand(item))
    }

    /// - Returns: nil for an attribute that doesn't exist, or that has no size.
    private mutating func operand(_ item: TableItem?) throws(TableError) -> AttributeValue? {
        switch token {
        case .name(let name):
            try advance()
            return item?[name]
        case .value(let value):
            try advance()
            return AttributeValue(value, in: request.call)
        case .word(.size): return try argument(item)?.size.map { .number(Int128($0)) }
        default: throw unexpected
        }
    }

    /// Reads a function's name and its only argument, which is an attribute.
    private mutating func argument(_ item: TableItem?) throws(TableError) -> AttributeValue? {
        try advance()
        guard case .open = token else { throw unexpected }
        try advance()
        guard case .name(let name) = token else { throw unexpected }
        try advance()
        guard case .close = token else { throw unexpected }
        try advance()
        return item?[name]
    }
}

extension ExpressionParser.Comparator {
    fileprivate var isForAllTypes: Bool { self == .equal || self == .notEqual }

    /// What is missing differs from everything, and is neither smaller nor larger than anything. Neither are values of
    /// different types.
    fileprivate func holds(_ left: AttributeValue?, _ right: AttributeValue?) -> Bool {
        switch (self, left, right) {
        case (.equal, let left?, let right?): left == right
        case (.equal, _, _): false
        case (.notEqual, let left?, let right?): left != right
        case (.notEqual, _, _): true
        case (_, .number(let left)?, .number(let right)?): holds(left == right, left < right)
        case (_, .text(let left)?, .text(let right)?): holds(left == right, left.lexicographicallyPrecedes(right))
        default: false
        }
    }

    private func holds(_ isEqual: Bool, _ isLess: Bool) -> Bool {
        switch self {
        case .equal: isEqual
        case .notEqual: !isEqual
        case .less: isLess
        case .lessOrEqual: isLess || isEqual
        case .greater: !isLess && !isEqual
        case .greaterOrEqual: !isLess
        }
    }
}
