/// Where in a request a value stands, by the name of the member that it, or the list around it, belongs to.
enum Place {
    case id, type
    /// What says no more than what an item is: it may have an id and this, and still be only a reference.
    case state
    case tools
    /// What switches on a tool of the provider's.
    case tool
    /// What a tool of the caller's is, and what it is told: the members in there have any names.
    case function, schema
    /// What names something that the provider has stored.
    case stored
    /// A template for prompts.
    case template
    /// The answer of an earlier turn, as sound.
    case audio
    case mediaType
    /// A picture that was made in an earlier turn.
    case result
    /// A picture, a sound or a file.
    case file
    case other

    /// In an object of such a place the id is all that counts.
    var isKnownByID: Bool { self == .audio || self == .template || self == .stored }

    var isOfFunction: Bool { self == .function || self == .schema }

    /// Text never stands there, but base64 may.
    var carriesFiles: Bool { self == .file || self == .result }
}

extension Place {
    /// - Parameter inTool: whether it is a member of an element of `tools`.
    init(_ name: LooseName, inTool: Bool) {
        switch name {
        case "id": self = .id
        case "type": self = .type
        case "status", "role", "object": self = .state
        case "tools": self = .tools
        case "audio": self = .audio
        case "mediatype", "mimetype": self = .mediaType
        case "result": self = .result
        case "url", "imageurl", "fileurl", "videourl", "audiourl", "data", "filedata", "b64json", "image", "images",
            "imagedata", "video", "bytes", "base64":
            self = .file
        case "function": self = inTool ? .function : .other
        case "parameters", "inputschema", "outputschema", "format", "custom": self = inTool ? .schema : .other
        default:
            if inTool, ExtraNames.tool(name) != nil {
                self = .tool
            } else {
                self = ExtraNames.storedData(name) == nil ? .other : .stored
            }
        }
    }

    /// Of a member of the request itself. Nil if nothing of it has to be looked at.
    init?(ofMember name: LooseName) {
        switch name {
        case "messages", "input", "inputs", "system", "instructions", "contents", "documents": self = .other
        case "image", "images": self = .file
        case "prompt": self = .template
        case "tools": self = .tools
        default:
            if ExtraNames.tool(name) != nil {
                self = .tool
            } else if ExtraNames.storedData(name) != nil {
                self = .stored
            } else {
                return nil
            }
        }
    }
}
