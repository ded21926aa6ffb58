import CYAML

/// Builds nodes from libyaml's events, for one YAML document. `~Copyable`, because libyaml's state has one owner and is
/// deleted once.
package struct YAMLParser: ~Copyable {
    /// More than any table or template needs; keeps a hostile file from exhausting the stack.
    private static let maximumDepth = 32

    /// On the heap, because libyaml keeps pointers into it.
    private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    private let text: UnsafeMutableBufferPointer<UInt8>
    private var anchors: [String: YAMLNode] = [:]
    private var merges = MergeBudget()
    private var mappings = 0
    private let tagRefusal: String?

    private init(_ bytes: [UInt8], _ tagRefusal: String?) {
        self.tagRefusal = tagRefusal
        text = .allocate(capacity: max(1, bytes.count))
        _ = text.initialize(from: bytes)
        yaml_parser_initialize(parser)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// - Parameter tagRefusal: the error message for any tag that isn't one of YAML's own. Nil if all tags are allowed.
    /// - Returns: the document's root; nil if there is nothing but comments.
    package static func parse(_ bytes: [UInt8], tagRefusal: String? = nil) throws(YAMLError) -> YAMLNode? {
        var parser = YAMLParser(bytes, tagRefusal)
        return try parser.document()
    }

    private mutating func document() throws(YAMLError) -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try next()
            switch event.kind {
            case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
            case YAML_DOCUMENT_START_EVENT:
                guard root == nil else {
                    throw YAMLError(line: event.line, message: "a second document begins; keep only one")
                }
                root = try node(try next(), depth: 0)
            default: return root
            }
        }
    }

    private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth < Self.maximumDepth else { throw YAMLError(line: event.line, message: "nested too deeply") }
        let value: YAMLNode.Value
        switch event.kind {
        case YAML_SCALAR_EVENT: value = .scalar(event.text, isPlain: event.isPlain)
        case YAML_SEQUENCE_START_EVENT: value = .sequence(try sequence(depth))
        case YAML_MAPPING_START_EVENT: value = .mapping(try mapping(depth))
        default:
            guard let target = anchors[event.anchor] else {
                throw YAMLError(line: event.line, message: "the anchor '\(event.anchor)' is not defined above")
            }
            return target
        }
        let node = YAMLNode(value: value, line: event.line, tag: event.tag)
        if !event.anchor.isEmpty { anchors[event.anchor] = node }
        return node
    }

    private mutating func sequence(_ depth: Int) throws(YAMLError) -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            guard event.kind != YAML_SEQUENCE_END_EVENT else { return elements }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(_ depth: Int) throws(YAMLError) -> [YAMLNode.Member] {
        mappings += 1
        let number = mappings
        var members: [YAMLNode.Member] = []
        var lines: [String: Int] = [:]
        var merge: YAMLNode.Member?
        while true {
            let event = try next()
            guard event.kind != YAML_MAPPING_END_EVENT else {
                return if let merge { try merges.merged(members, with: merge) } else { members }
            }
            guard event.kind == YAML_SCALAR_EVENT else {
                throw YAMLError(line: event.line, message: "a key must be a scalar, not a list or a mapping")
            }
            let isMerge = event.text == "<<" && event.isPlain
            if let earlier = isMerge ? merge?.line : lines.updateValue(event.line, forKey: event.text) {
                throw YAMLError(
                    line: event.line, message: "'\(event.text)' is there twice, first on line \(earlier)")
            }
            let value = try node(try next(), depth: depth + 1)
            let member = YAMLNode.Member(key: event.text, line: event.line, mapping: number, value: value)
            if isMerge { merge = member } else { members.append(member) }
        }
    }

    private mutating func next() throws(YAMLError) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(parser, &raw) == 1 else {
            let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
            throw YAMLError(line: lineOfProblem, message: problem)
        }
        defer { yaml_event_delete(&raw) }
        let event = Event(raw)
        if let tagRefusal, !Self.coreTags.contains(event.tag) {
            throw YAMLError(line: event.line, message: tagRefusal)
        }
        return event
    }

    /// No tag, `!`, the tags of YAML's core schema (YAML 1.2, 10.3), which add nothing to the text, and the tag that
    /// Go's yaml.v3 writes before `<<`.
    private static let coreTags = Set(
        ["", "!"] + ["str", "int", "float", "bool", "null", "seq", "map", "merge"].map { "tag:yaml.org,2002:\($0)" })

    /// For bytes that aren't text, libyaml reports only the offset.
    private var lineOfProblem: Int {
        guard parser.pointee.error == YAML_READER_ERROR else { return parser.pointee.problem_mark.line + 1 }
        return text.prefix(parser.pointee.problem_offset).count { $0 == 0x0A } + 1
    }
}

/// The parts of a `yaml_event_t` that are used, copied.
private struct Event {
    let kind: yaml_event_type_t
    let line: Int
    var text = ""
    var isPlain = false
    var anchor = ""
    var tag = ""

    init(_ raw: yaml_event_t) {
        kind = raw.type
        line = raw.start_mark.line + 1
        switch kind {
        case YAML_SCALAR_EVENT:
            let bytes = UnsafeBufferPointer(start: raw.data.scalar.value, count: raw.data.scalar.length)
            text = String(decoding: bytes, as: UTF8.self)
            isPlain = raw.data.scalar.style == YAML_PLAIN_SCALAR_STYLE
            (anchor, tag) = (Self.string(raw.data.scalar.anchor), Self.string(raw.data.scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            let start = raw.data.sequence_start
            (anchor, tag) = (Self.string(start.anchor), Self.string(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = raw.data.mapping_start
            (anchor, tag) = (Self.string(start.anchor), Self.string(start.tag))
        case YAML_ALIAS_EVENT: anchor = Self.string(raw.data.alias.anchor)
        default: break
        }
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }
}

/// Resolves merge keys, `<<: *name` (https://yaml.org/type/merge.html): a mapping gets the members of other mappings
/// that it doesn't have itself.
struct MergeBudget {
    /// How many more mappings and members may be merged in the document. Far more than any table needs; without a
    /// limit, a few bytes could copy thousands of members.
    private var left = 10_000

    /// - Parameters:
    ///   - own: the mapping's own members. They win, wherever the merge key is.
    ///   - merge: has a mapping or a list of mappings as its value. If several of them have a key, the first one wins.
    mutating func merged(
        _ own: [YAMLNode.Member], with merge: YAMLNode.Member
    ) throws(YAMLError) -> [YAMLNode.Member] {
        var members = own
        var keys = Set(own.map(\.key))
        for base in try Self.bases(of: merge) {
            left -= 1 + base.count
            guard left >= 0 else { throw YAMLError(line: merge.line, message: "'<<' merges too much; repeat less") }
            for member in base where keys.insert(member.key).inserted { members.append(member) }
        }
        return members
    }

    private static func bases(of merge: YAMLNode.Member) throws(YAMLError) -> [[YAMLNode.Member]] {
        var nodes = [merge.value]
        if case .sequence(let elements) = merge.value.value { nodes = elements }
        var bases: [[YAMLNode.Member]] = []
        for node in nodes {
            guard case .mapping(let members) = node.value else {
                throw YAMLError(
                    line: merge.line, message: "'<<' must have a mapping, such as '*name', or a list of mappings")
            }
            bases.append(members)
        }
        return bases
    }
}
