/// The names of features that providers don't bill as tokens, or that access data stored at the provider. From the
/// references of OpenAI, Azure, Anthropic, Gemini, xAI, Groq, Mistral, Cohere, Perplexity, OpenRouter, Qwen, GLM,
/// Hunyuan and LiteLLM, as of November 2026.
enum RestrictedFeatureNames {
    /// The types of tools that the caller runs.
    static let callersTools: [StaticString] = ["function", "custom"]

    /// The types of `tool_choice` that name one of the caller's tools, or none.
    static let choices: [StaticString] = [
        "function", "custom", "tool", "allowed_tools", "auto", "any", "none", "required",
    ]

    /// The tool that a member of the request, or of an element of `tools`, turns on.
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

    /// A member with the id of something that is stored at the provider under the owner's token.
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

    /// The same for a member of the request itself, where some shorter names have that meaning too.
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

    /// A member that makes the answer arrive later than the response to this request.
    static func delaying(_ name: NormalizedName) -> StaticString? {
        switch name {
        case "background": "background"
        case "deferred", "defer": "deferred"
        case "async", "isasync", "asyncmode": "async"
        default: nil
        }
    }

    /// For a member that chooses the speed of the answer, the values that cost no more than the table's price. `auto`
    /// is what the owner has set up at the provider.
    static func tiers(_ name: NormalizedName) -> [StaticString]? {
        switch name {
        case "servicetier", "tier", "processingtier":
            ["auto", "default", "flex", "standard", "standard_only", "on_demand"]
        case "performanceconfig", "latency": ["standard"]
        case "speed": ["standard", "normal", "default"]
        default: nil
        }
    }

    /// Whether a value of `format` is used only for images, audio and other files.
    static func isFileFormat(_ name: NormalizedName) -> Bool {
        switch name {
        case "wav", "mp3", "flac", "opus", "ogg", "aac", "m4a", "pcm", "pcm16", "amr", "webm", "mp4", "mpeg", "mpga",
            "mov", "mkv", "png", "jpeg", "jpg", "gif", "webp", "pdf", "docx", "xlsx", "pptx":
            true
        default: false
        }
    }
}

/// The role of a value in a request. It follows from the name of its member, or of the member whose list it is in.
enum MemberRole {
    case id, type
    /// An item of a conversation. The provider looks it up if it has an id and doesn't say what it is.
    case item
    case role
    /// A member that only describes an item. An item with nothing but an id and this is still a reference.
    case state
    case tools
    /// The older form of `tools`.
    case functions
    /// Chooses the tool to call.
    case choice
    /// Each of its members turns on the feature that it is named after.
    case features
    /// Turns on one of the provider's tools.
    case tool
    /// The definition of one of the caller's tools, and its JSON schema.
    case function, schema
    /// The sources of an earlier answer. They have no effect.
    case citations
    /// Names something that the provider has stored.
    case stored
    /// A prompt template or a custom voice: text, or an object with an id.
    case template
    /// The audio of an earlier answer.
    case audio
    case mediaType, format
    /// An image that was generated in an earlier turn.
    case result
    /// An image, audio or another file.
    case file
    /// A file, or the name of one that the provider has stored.
    case attachment
    case other

    /// Whether only the id matters in an object with this role.
    var isKnownByID: Bool { self == .audio || self == .template || self == .stored || self == .attachment }

    /// Whether its members may have any names, so that they aren't examined.
    var isClosed: Bool { self == .function || self == .schema || self == .citations }

    /// Whether it may be base64, but never text.
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

    /// The role of a member of the request itself; nil if it needn't be examined.
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
            "videodata", "videobase64", "inputvideo", "audios", "audiodata", "audiobase64", "inputaudio",
            "documentbase64", "filebase64", "pdfbase64", "mask", "inputreference":
            true
        default: false
        }
    }
}
