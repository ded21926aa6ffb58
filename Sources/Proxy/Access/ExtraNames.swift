/// The names under which providers have what isn't paid for in tokens, or reaches what they have stored. From the
/// references of OpenAI, Azure, Anthropic, Gemini, xAI, Groq, Mistral, Cohere, Perplexity, OpenRouter, Qwen, GLM, Hunyuan
/// and LiteLLM, as of November 2026.
enum ExtraNames {
    /// The types of tools that run at the caller.
    static let callersTools: [StaticString] = ["function", "custom"]

    /// The tool that a member switches on, be it one of the request or of an element of `tools`.
    static func tool(_ name: LooseName) -> StaticString? {
        switch name {
        case "websearch", "websearchoptions", "searchparameters", "searchsettings", "enablesearch", "searchoptions",
            "enablewebsearch", "enabledeepsearch", "enableenhancement", "forcesearchenhancement", "livesearch":
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
        case "connectors": "connectors"
        case "datasources": "data_sources"
        case "compoundcustom": "compound_custom"
        case "veniceparameters": "venice_parameters"
        case "extrabody": "extra_body"
        default: nil
        }
    }

    /// A member with the id of what is stored at the provider, under the owner's token.
    static func storedData(_ name: LooseName) -> StaticString? {
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

    /// A member by which the answer comes later than the response to the request.
    static func delaying(_ name: LooseName) -> StaticString? {
        switch name {
        case "background": "background"
        case "deferred", "defer": "deferred"
        case "async", "isasync", "asyncmode": "async"
        default: nil
        }
    }

    /// Of a member that chooses how fast the answer is, what costs no more than the price in the table. `auto` is what
    /// the owner has set up at the provider.
    static func tiers(_ name: LooseName) -> [StaticString]? {
        switch name {
        case "servicetier": ["auto", "default", "flex", "standard", "standard_only", "on_demand"]
        case "speed": ["standard", "normal", "default"]
        default: nil
        }
    }
}
