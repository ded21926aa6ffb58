/// Where in a request a value stands, by the name of the member that it, or the list around it, belongs to.
enum MemberRole {
    case id, type
    /// An item of a conversation, which the provider looks up if it has an id and doesn't say what it is.
    case item
    case role
    /// What says no more than what an item is: it may have an id and this, and still be only a reference.
    case state
    case tools
    /// Functions as they were described before there were tools.
    case functions
    /// Which of the tools is to be called.
    case choice
    /// Each member switches on what it is called after.
    case features
    /// What switches on a tool of the provider's.
    case tool
    /// What a tool of the caller's is, and what it is told: the members in there have any names.
    case function, schema
    /// Where an earlier answer had its words from. Nothing is done with it.
    case citations
    /// What names something that the provider has stored.
    case stored
    /// A template for prompts, or a voice that somebody has had made: text, or an object with an id.
    case template
    /// The answer of an earlier turn, as sound.
    case audio
    case mediaType, format
    /// A picture that was made in an earlier turn.
    case result
    /// A picture, a sound or a file.
    case file
    /// A file, or what the provider has stored it as.
    case attachment
    case other

    /// In an object of such a place the id is all that counts.
    var isKnownByID: Bool { self == .audio || self == .template || self == .stored || self == .attachment }

    /// The members in there have any names.
    var isClosed: Bool { self == .function || self == .schema || self == .citations }

    /// Text never stands there, but base64 may.
    var carriesFiles: Bool { self == .file || self == .result || self == .attachment || self == .audio }
}

extension MemberRole {
    /// - Parameter inTool: whether it is a member of an element of `tools`.
    init(_ name: NormalizedName, inTool: Bool) {
        switch name {
        case "id": self = .id
        case "type": self = .type
        case "role": self = .role
        case "status", "object": self = .state
        case "tools": self = .tools
        case "audio": self = .audio
        case "voice": self = .template
        case "messages": self = .item
        case "mediatype", "mimetype": self = .mediaType
        case "result": self = .result
        case "file", "files", "attachment", "attachments": self = .attachment
        case "annotations", "citations": self = inTool ? .other : .citations
        case "function": self = inTool ? .function : .other
        case "format": self = inTool ? .schema : .format
        case "parameters", "inputschema", "outputschema", "custom": self = inTool ? .schema : .other
        case _ where Self.isOfFile(name): self = .file
        default:
            if inTool, RestrictedFeatureNames.tool(name) != nil {
                self = .tool
            } else {
                self = RestrictedFeatureNames.storedData(name) == nil ? .other : .stored
            }
        }
    }

    /// Of a member of the request itself. Nil if nothing of it has to be looked at.
    init?(ofMember name: NormalizedName) {
        switch name {
        case "messages", "input", "inputs", "instructions", "context": self = .item
        case "system", "contents", "document", "documents": self = .other
        case "file", "files", "attachment", "attachments": self = .attachment
        case "audio": self = .audio
        case "prompt", "voice": self = .template
        case "tools": self = .tools
        case "functions": self = .functions
        case "toolchoice": self = .choice
        case "features": self = .features
        default:
            if Self.isOfFile(name) {
                self = .file
            } else if RestrictedFeatureNames.tool(name) != nil {
                self = .tool
            } else if RestrictedFeatureNames.storedData(ofRequest: name) != nil {
                self = .stored
            } else {
                return nil
            }
        }
    }

    private static func isOfFile(_ name: NormalizedName) -> Bool {
        switch name {
        case "url", "imageurl", "fileurl", "videourl", "audiourl", "documenturl", "pdfurl", "data", "filedata", "bytes",
            "base64", "b64json", "image", "images", "imagedata", "imagebase64", "inputimage", "video", "videos",
            "videodata",
            "videobase64", "inputvideo", "audios", "audiodata", "audiobase64", "inputaudio", "documentbase64",
            "filebase64", "pdfbase64", "mask", "inputreference":
            true
        default: false
        }
    }
}
