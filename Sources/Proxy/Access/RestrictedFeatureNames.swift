/// The names under which providers have what isn't paid for in tokens, or reaches what they have stored. From the
/// references of OpenAI, Azure, Anthropic, Gemini, xAI, Groq, Mistral, Cohere, Perplexity, OpenRouter, Qwen, GLM, Hunyuan
/// and LiteLLM, as of November 2026.
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
