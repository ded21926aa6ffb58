import HTTPTypes
import JSONBytes
import LambdaRuntime
import Transport

/// What is shown to people who open the proxy's address in a browser. It needs no key, and says nothing of servers,
/// models or keys.
struct WebPages {
    /// Nil if it isn't served. Made when it is asked for, since a cold start has no time for it.
    private let playground: (@Sendable () -> WebPage)?

    private static let version = "0.1.0-dev"
    private static let title = "Lambda OpenAI proxy"
    private static let purpose =
        "Calls language models for web and mobile apps, so that they need no provider's token."
    private static let documentation = "README.md and docs/ in the source code of this program"

    init(playground: (@Sendable () -> WebPage)?) { self.playground = playground }

    private var paths: [(path: String, purpose: String)] {
        [
            ("POST /v1/<endpoint>", "The model in the body says which server is asked."),
            ("GET /v1/models", "The models that you may use."),
            ("GET /v1/me", "Who you are to the proxy, and what is left of your limits."),
            ("POST /openai/deployments/<model>/<endpoint>", "The same for Azure's clients."),
            ("POST /<server>/v1/<endpoint>", "A server by its name."),
            ("GET /health", "Whether the program runs. It needs no key."),
        ] + (playground == nil ? [] : [("GET /playground", "A page to try models in.")])
    }

    /// - Returns: nil if the request is for something else.
    func answer(
        _ request: HTTPEvent, _ target: RequestTarget, _ record: RequestRecord
    ) throws(ProxyError) -> ProxyResponse? {
        let isPlayground = playground != nil && target.segments.count == 1 && target.segments[0].isNamed("playground")
        guard target.segments.isEmpty || isPlayground else { return nil }
        record.operation = .page
        guard request.method == .get || request.method == .head else {
            throw .methodNotAllowed(request.method, allowed: [.get, .head])
        }
        if isPlayground { return playground?().response() }
        if request.fields.value(of: .accept)?.prefersPages == true { return landing.response(varying: true) }
        let fields: HTTPFields = [
            .contentType: "application/json", .cacheControl: "no-cache", .known("vary"): "accept",
        ]
        return .whole(Prelude(.ok, fields: fields), overview)
    }

    private var overview: [UInt8] {
        JSONValue.object([
            ("name", .string(Self.title)), ("version", .string(Self.version)), ("description", .string(Self.purpose)),
            ("documentation", .string(Self.documentation)),
            ("paths", .object(paths.map { ($0.path, .string($0.purpose)) })),
        ]).serialized
    }

    private var landing: WebPage {
        let rows = paths.map { path, meaning in
            let link = path == "GET /playground" ? "<a href=\"playground\">\(path.escaped)</a>" : path.escaped
            return "<dt><code>\(link)</code></dt><dd>\(meaning.escaped)</dd>"
        }
        let head = """
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <link rel="icon" href="data:,">
            <title>\(Self.title)</title>

            """
        let style = """
            :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
            body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; overflow-wrap: anywhere }
            h1 { font-size: 1.5rem }
            dd { margin: 0 0 0.75rem 1rem }
            footer { opacity: 0.75 }
            """
        let body = """
            </style>
            <main>
            <h1>\(Self.title)</h1>
            <p>\(Self.purpose)</p>
            <dl>
            \(rows.joined(separator: "\n"))
            </dl>
            <p>Point an OpenAI client at this address followed by <code>/v1</code>, with a key from the owner of this
            proxy.</p>
            </main>
            <footer>Version \(Self.version). Documentation: \(Self.documentation).</footer>
            </html>

            """
        return WebPage(head: Array(head.utf8), style: Array(style.utf8), body: Array(body.utf8), script: [], end: [])
    }
}

extension String {
    /// Whether an `Accept` header asks for HTML, and not for JSON first.
    fileprivate var prefersPages: Bool {
        for part in utf8.split(separator: UInt8(ascii: ",")) {
            let type = MediaType(String(Substring(part)))
            if type.isPage { return true }
            if type.isJSON { return false }
        }
        return false
    }

    /// As HTML text.
    fileprivate var escaped: String {
        var output = ""
        for character in unicodeScalars {
            switch character {
            case "<": output += "&lt;"
            case "&": output += "&amp;"
            default: output.unicodeScalars.append(character)
            }
        }
        return output
    }
}
