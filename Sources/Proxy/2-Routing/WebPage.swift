import Digests
import HTTPTypes
import JSONBytes
import JSONWebTokens
import LambdaRuntime
import Transport

/// A page that carries its style and script, and may load nothing else.
package struct WebPage: Sendable {
    let body: [UInt8]
    /// Its `Content-Security-Policy`: the style and the script are allowed by their hashes.
    let policy: String

    /// The parts of the page, in their order. `<style>` and `<script>` are added; the part behind each begins with its
    /// closing tag.
    /// - Parameters:
    ///   - script: empty for none.
    ///   - login: for the script, which finds it as JSON in the element with the ID `login-data`.
    package init(
        head: [UInt8], style: [UInt8], body: [UInt8], script: [UInt8], end: [UInt8], login: TokenIssuer.Login? = nil
    ) {
        let opening = script.isEmpty ? [] : Array("<script>".utf8)
        let data = login.map { Self.element($0.json) } ?? []
        self.body = head + Array("<style>".utf8) + style + body + data + opening + script + end
        let sources = [("style-src", style), ("script-src", script)].filter { !$0.1.isEmpty }
        let hashes = sources.map { "\($0.0) 'sha256-\(Base64.encode(SHA256.digest(of: $0.1)))'" }
        let called = login?.tokenOrigin.map { "'self' \($0)" } ?? "'self'"
        policy =
            (["default-src 'none'"] + hashes + [
                "connect-src \(called)", "img-src 'self' data: blob:", "base-uri 'none'", "form-action 'none'",
                "frame-ancestors 'none'",
            ]).joined(separator: "; ")
    }

    /// An element that browsers neither show nor run, so the policy needs no hash of it. Nothing in it ends it early:
    /// JSON has `<` only in strings, where an escape means the same.
    private static func element(_ data: JSONValue) -> [UInt8] {
        let escaped = data.serialized.flatMap { $0 == UInt8(ascii: "<") ? Array("\\u003c".utf8) : [$0] }
        return Array(#"<script type="application/json" id="login-data">"#.utf8) + escaped + Array("</script>\n".utf8)
    }

    func response(varying: Bool = false) -> ProxyResponse {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-cache",
            .known("content-security-policy"): policy, .known("referrer-policy"): "no-referrer",
            .known("x-content-type-options"): "nosniff",
        ]
        if varying { fields[.known("vary")] = "accept" }
        return .whole(Prelude(.ok, fields: fields), body)
    }
}

extension TokenIssuer.Login {
    fileprivate var json: JSONValue {
        .object([
            ("authorize_url", .string(authorizeURL)), ("token_url", .string(tokenURL)),
            ("client_id", .string(clientID)), ("scope", .string(scope)), ("token", .string(token.rawValue)),
        ])
    }

    /// The origin of the token URL, as a policy names it; nil if it has a character that means something else there.
    fileprivate var tokenOrigin: String? {
        let parts = tokenURL.utf8.split(separator: UInt8(ascii: "/"), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count > 2, parts[1].isEmpty else { return nil }
        let isPlain = [parts[0], parts[2]].joined().allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-:[]".utf8.contains(byte)
            }
        }
        return isPlain ? "\(Substring(parts[0]))//\(Substring(parts[2]))" : nil
    }
}
