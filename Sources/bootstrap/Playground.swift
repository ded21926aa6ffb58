import PlaygroundPage
import Proxy

extension WebPage {
    /// With a login, if an issuer has one.
    static func playground(for settings: Settings) -> WebPage {
        let login = settings.tokenIssuers.lazy.compactMap(\.login).first
        let loginScript = login == nil ? [] : playground_login.content
        return WebPage(
            head: playground_head.content, style: playground_style.content, body: playground_body.content,
            script: playground_script.content + loginScript + playground_start.content, end: playground_end.content,
            login: login)
    }
}

extension playground_part {
    fileprivate var content: [UInt8] { Array(UnsafeBufferPointer(start: bytes, count: size)) }
}

extension ServerTable {
    /// What the table says, or else whether this is a developer's machine: SAM and the local function URL set
    /// `AWS_SAM_LOCAL`. A server of that name takes precedence.
    func hasPlayground(_ environment: [String: String]) -> Bool {
        (settings.playground ?? (environment["AWS_SAM_LOCAL"] == "true"))
            && !servers.contains { $0.name == "playground" }
    }
}
