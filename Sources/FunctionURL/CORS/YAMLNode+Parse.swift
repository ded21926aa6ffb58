import CYAML

extension YAMLNode {
    /// Reads the first document of a YAML text; nil if it is empty.
    static func parse(_ text: [UInt8]) throws(YAMLError) -> YAMLNode? {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw YAMLError(line: 0, problem: "out of memory") }
        defer { yaml_parser_delete(&parser) }
        var document = yaml_document_t()
        // The parser keeps the pointer, so it must live as long as the parse.
        let loaded = text.withUnsafeBufferPointer { bytes in
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            return yaml_parser_load(&parser, &document) == 1
        }
        guard loaded else {
            let problem = parser.problem.map { String(cString: $0) } ?? "not valid YAML"
            throw YAMLError(line: Int(parser.problem_mark.line) + 1, problem: problem)
        }
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else { return nil }
        return try Self.convert(root.pointee, in: &document, depth: 0)
    }

    private static func convert(
        _ node: yaml_node_t, in document: inout yaml_document_t, depth: Int
    ) throws(YAMLError) -> YAMLNode {
        let line = Int(node.start_mark.line) + 1
        // An alias can stand inside its own anchor: such a document has no end.
        guard depth < 100 else { throw YAMLError(line: line, problem: "nested more than 100 deep") }
        let content: Content
        switch node.type {
        case YAML_SCALAR_NODE:
            let scalar = node.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            content = .scalar(String(decoding: bytes, as: UTF8.self))
        case YAML_SEQUENCE_NODE:
            content = .list(try Self.list(node, in: &document, depth: depth))
        default:
            content = .map(try Self.map(node, in: &document, depth: depth))
        }
        let tag = node.tag.map { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) } ?? ""
        return YAMLNode(tag: tag.hasPrefix("tag:yaml.org") ? "" : tag, line: line, content: content)
    }

    private static func list(
        _ node: yaml_node_t, in document: inout yaml_document_t, depth: Int
    ) throws(YAMLError) -> [YAMLNode] {
        var items: [YAMLNode] = []
        var item = node.data.sequence.items.start
        while let current = item, current != node.data.sequence.items.top {
            if let child = yaml_document_get_node(&document, current.pointee) {
                items.append(try Self.convert(child.pointee, in: &document, depth: depth + 1))
            }
            item = current + 1
        }
        return items
    }

    private static func map(
        _ node: yaml_node_t, in document: inout yaml_document_t, depth: Int
    ) throws(YAMLError) -> [Entry] {
        var entries: [Entry] = []
        var pair = node.data.mapping.pairs.start
        while let current = pair, current != node.data.mapping.pairs.top {
            if let key = yaml_document_get_node(&document, current.pointee.key),
                let value = yaml_document_get_node(&document, current.pointee.value),
                case .scalar(let name) = try Self.convert(key.pointee, in: &document, depth: depth + 1).content
            {
                entries.append(
                    Entry(key: name, value: try Self.convert(value.pointee, in: &document, depth: depth + 1)))
            }
            pair = current + 1
        }
        return entries
    }
}
