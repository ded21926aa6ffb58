/// The names of providers' features that aren't paid for in tokens, or that reach data which they have stored. From the
/// references of OpenAI, Azure, Anthropic, Gemini, xAI, Groq, Mistral, Cohere, Perplexity, OpenRouter, Qwen, GLM,
/// Hunyuan and LiteLLM, as of November 2026.
enum RestrictedFeatureNames {
    /// The types of tools that run at the caller.
    static let callersTools: [StaticString] = ["function", "custom"]

    /// The types of `tool_choice` that name a tool of the caller's, or none.
    static let choices: [StaticString] = [
        "function", "custom", "tool", "allowed_tools", "auto", "any", "none", "required",
    ]

    /// The tool that a member switches on, be it one of the request or of an element of `tools`.
    static func tool(_ name: NormalizedName) -> StaticString? {
        switch name {
        case "websearch", "websearchoptions", "searchparameters", "searchsettings", "enablesearch", "searchoptions",
            "enablewebsearch", "enabledeepsearch", "enableenhancement", "forcesearchenhancement", "livesearch",
            "usewebsearch", "enableonlinesearch":
            "web_search"
        case "googlesearch", "googlesearchretrieval": "google_search"
        case "enterprisewebsearch": "enterprise_web_search"
        case "googlemaps": "google_maps"
        case "urlcontext": "url_context"
        case "codeexecution", "codeinterpreter", "enablecodeinterpreter", "enablecodeexecution": "code_interpreter"
        case "filesearch", "retrieval": "file_search"
        case "computeruse": "computer_use"
        case "imagegeneration": "image_generation"
        case "mcp", "mcpservers": "mcp"
        case "plugins": "plugins"
        case "toolids": "tool_ids"
        case "builtintools", "builtintoolids": "built_in_tools"
        case "servertools", "hostedtools": "server_tools"
        case "connectors": "connectors"
        case "datasources": "data_sources"
        case "compoundcustom": "compound_custom"
        case "veniceparameters": "venice_parameters"
        case "extrabody": "extra_body"
        default: nil
        }
    }

    /// A member with the id of what is stored at the provider, under the owner's token.
    static func storedData(_ name: NormalizedName) -> StaticString? {
        switch name {
        case "previousresponseid": "previous_response_id"
        case "conversation", "conversationid": "conversation"
        case "threadid": "thread_id"
        case "assistantid": "assistant_id"
        case "promptid": "prompt_id"
        case "fileid", "fileids", "fileuri": "file_id"
        case "vectorstoreid", "vectorstoreids": "vector_store_ids"
        case "container", "containerid": "container"
        case "cachedcontent": "cached_content"
        case "toolresources": "tool_resources"
        case "responseid", "previousinteractionid": "response_id"
        default: nil
        }
    }

    /// The same for a member of the request itself, where shorter names have the meaning too.
    static func storedData(ofRequest name: NormalizedName) -> StaticString? {
        switch name {
        case "thread": "thread"
        case "assistant": "assistant"
        case "agent", "agentid": "agent_id"
        case "vectorstore", "vectorstores": "vector_store"
        case "knowledge", "knowledgeid", "knowledgeids", "knowledgebase", "knowledgebaseid": "knowledge"
        default: storedData(name)
        }
    }

    /// A member by which the answer comes later than the response to the request.
    static func delaying(_ name: NormalizedName) -> StaticString? {
        switch name {
        case "background": "background"
        case "deferred", "defer": "deferred"
        case "async", "isasync", "asyncmode": "async"
        default: nil
        }
    }

    /// Of a member that chooses how fast the answer is, what costs no more than the price in the table. `auto` is what
    /// the owner has set up at the provider.
    static func tiers(_ name: NormalizedName) -> [StaticString]? {
        switch name {
        case "servicetier", "tier", "processingtier":
            ["auto", "default", "flex", "standard", "standard_only", "on_demand"]
        case "performanceconfig", "latency": ["standard"]
        case "speed": ["standard", "normal", "default"]
        default: nil
        }
    }

    /// Of a member `format`, what only pictures, sounds and other files have.
    static func isFileFormat(_ name: NormalizedName) -> Bool {
        switch name {
        case "wav", "mp3", "flac", "opus", "ogg", "aac", "m4a", "pcm", "pcm16", "amr", "webm", "mp4", "mpeg", "mpga",
            "mov",
            "mkv", "png", "jpeg", "jpg", "gif", "webp", "pdf", "docx", "xlsx", "pptx":
            true
        default: false
        }
    }
}

/// The role of a value in a request, by the name of the member that it, or the list around it, belongs to.
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
