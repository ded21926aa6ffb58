import HTTPTypes
import JSONBytes
import LambdaRuntime
import Testing
import Transport

@testable import Proxy

@Suite struct ErrorTests {
    private static let all: [(ProxyError, Int, String)] = [
        (.invalidPath("x"), 400, "invalid_path"), (.missingKey(hasAuthorization: true), 401, "invalid_api_key"),
        (.invalidKey(RejectedKey(Secret("wrong"))), 401, "invalid_api_key"),
        (.keyExpired("web"), 401, "expired_api_key"),
        (.keyOfAnotherServer("a"), 401, "invalid_api_key"),
        (.unknownServer("x", baseURLs: ["/a/v1"]), 404, "unknown_server"),
        (.endpointNotOpen(server: "a", path: "/x"), 404, "endpoint_not_open"),
        (.wrongBaseURL(server: "a", path: "/x"), 404, "endpoint_not_open"),
        (.methodNotAllowed(.get, allowed: [.post]), 405, "method_not_allowed"),
        (.invalidBody("x"), 400, "invalid_json"), (.tooManyValues(limit: 1), 400, "invalid_json"),
        (.duplicateModel, 400, "duplicate_model"), (.bodyEncoded("gzip"), 415, "unsupported_encoding"),
        (.bodyTooLarge(limit: 1), 413, "body_too_large"),
        (.fieldsTooLarge, 431, "headers_too_large"),
        (.misconfigured(server: "a", variables: ["V"]), 500, "server_misconfigured"),
        (.deadlineExceeded(server: "a"), 504, "deadline_exceeded"),
        (.upstreamRedirected(server: "a", status: 302), 502, "upstream_redirected"),
        (.upstreamEncoded(server: "a", encoding: "gzip"), 502, "upstream_encoded"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .empty), 502, "upstream_empty"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .page), 502, "upstream_not_json"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .noJSON), 502, "upstream_not_json"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .cutOff), 502, "upstream_not_json"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .events), 502, "upstream_not_json"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .noList), 502, "upstream_not_json"),
        (.upstreamSentNoAnswer(server: "a", status: 200, .longList), 502, "upstream_not_json"),
        (.modelNotAllowed("m", caller: "key 'web'"), 403, "model_not_allowed"),
        (.filledInModelNotAllowed(caller: "key 'web'"), 403, "model_not_allowed"),
        (.upstreamTruncated(server: "a"), 502, "upstream_truncated"),
        (.upstreamSaidNothing(server: "a"), 502, "upstream_empty"),
        (failed(.unresolved), 502, "upstream_unresolved"), (failed(.refused), 502, "upstream_refused"),
        (failed(.tls), 502, "upstream_tls"), (failed(.connectTimeout), 504, "upstream_timeout"),
        (failed(.timeout), 504, "upstream_timeout"), (failed(.firstByteTimeout), 504, "upstream_timeout"),
        (failed(.idleTimeout), 504, "upstream_timeout"), (failed(.reset), 502, "upstream_disconnected"),
        (failed(.canceled), 503, "shutting_down"), (failed(.malformed), 502, "upstream_malformed"),
        (failed(.deadline), 504, "deadline_exceeded"), (failed(.tooLarge), 502, "upstream_malformed"),
        (failed(.invalidRequest), 502, "upstream_url"),
    ]

    private static func failed(_ kind: TransportError.Kind) -> ProxyError {
        .upstreamFailed(server: "a", TransportError(kind, "connect to 10.1.2.3 port 443 failed"))
    }

    @Test("Each error has its status, its code and OpenAI's format", arguments: all)
    func maps(error: ProxyError, status: Int, code: String) throws {
        #expect(error.prelude.status.code == status)
        #expect(error.prelude.fields[.contentType] == "application/json")
        let members = try members(error.body)
        #expect(members["code"] == code)
        #expect(members.keys.sorted() == ["code", "message", "param", "type"])
        #expect(members["message"]?.hasSuffix(".") == true)
    }

    @Test("A rejected key gets OpenAI's own sentences, which clients recognize")
    func saysIncorrect() {
        for error in [.keyExpired("web"), .keyOfAnotherServer("a"), .invalidKey(RejectedKey(Secret("wrong")))]
            as [ProxyError]
        {
            #expect(error.message.hasPrefix("Incorrect API key provided: "))
        }
        let expired = "the key 'web' has expired. Ask the owner of this proxy for a new one."
        #expect(ProxyError.keyExpired("web").message == "Incorrect API key provided: \(expired)")
    }

    @Test("The proxy's own errors aren't stored by shared caches", arguments: all.map(\.0))
    func keepsOutOfCaches(error: ProxyError) {
        #expect(error.prelude.fields[.cacheControl] == "private, no-store")
    }

    @Test("A 401 names the scheme, and whether the sent key is invalid; other errors don't", arguments: all.map(\.0))
    func challenges(error: ProxyError) {
        let challenge = error.prelude.fields[.wwwAuthenticate]
        guard error.status == .unauthorized else { return #expect(challenge == nil) }
        let isMissing = error == .missingKey(hasAuthorization: true)
        let invalid = isMissing ? "" : #", error="invalid_token""#
        #expect(challenge == #"Bearer realm="openai-proxy""# + invalid)
    }

    @Test("No error shows a caller an address", arguments: all.map(\.0))
    func hidesAddresses(error: ProxyError) {
        #expect(!String(decoding: error.body, as: UTF8.self).contains("10.1.2.3"))
    }

    @Test("A wrong method's error lists the allowed ones, and the owner's faults aren't retried")
    func addsFields() {
        #expect(ProxyError.methodNotAllowed(.get, allowed: [.post]).prelude.fields[.allow] == "POST")
        #expect(ProxyError.bodyEncoded("gzip").prelude.fields[.acceptEncoding] == "identity")
        #expect(ProxyError.misconfigured(server: "a", variables: []).prelude.fields[.shouldRetry] == "false")
        for (reason, isFinal) in [
            (NoAnswer.page, true), (.events, true), (.noJSON, false), (.empty, false), (.cutOff, false),
        ] {
            let error = ProxyError.upstreamSentNoAnswer(server: "a", status: 200, reason)
            #expect((error.prelude.fields[.shouldRetry] == "false") == isFinal)
        }
    }

    private func members(_ body: [UInt8]) throws -> [String: String] {
        var members: [String: String] = [:]
        var reader = JSONReader(body)
        try reader.readObject { key, reader throws(JSONError) in
            try reader.readObject { key, reader throws(JSONError) in
                if try reader.peekKind() == .string {
                    members[key.text] = try reader.readString()
                } else {
                    try reader.skipValue()
                    members[key.text] = "null"
                }
            }
        }
        try reader.finish()
        return members
    }
}
