import Dialects
import Testing

@Suite("Errors of Bedrock")
struct BedrockFailureTests {
    private static func failure(_ status: Int, _ type: String?, _ message: String, member: String = "message")
        -> BedrockFailure
    {
        let text = message.replacing("\n", with: "\\n").replacing("\"", with: "\\\"")
        return BedrockFailure(status: status, errorType: type, body: Array(#"{"\#(member)":"\#(text)"}"#.utf8))
    }

    private static let kinds: [(status: Int, type: String?, message: String, expected: (Int, String, String?))] = [
        (
            400, "ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/", "A field is bad",
            (400, "invalid_request_error", nil)
        ),
        (
            400, "ValidationException", "The model returned the following errors: prompt is too long: 9 > 8",
            (400, "invalid_request_error", "context_length_exceeded")
        ),
        (
            400, "ValidationException", "Input is too long for requested model.",
            (400, "invalid_request_error", "context_length_exceeded")
        ),
        (
            400, "ValidationException", "The provided model identifier is invalid.",
            (404, "not_found_error", "model_not_found")
        ),
        (
            400, "ValidationException", "Too many tokens, please wait before trying again.",
            (429, "rate_limit_error", "rate_limit_exceeded")
        ),
        (400, nil, "Bedrock is unable to process your request.", (429, "rate_limit_error", "rate_limit_exceeded")),
        (400, nil, #"The text "too many requests" is blank"#, (400, "invalid_request_error", nil)),
        (403, "AccessDeniedException", "User is not authorized", (403, "permission_error", nil)),
        (403, "AccessDeniedException", "Bearer Token has expired", (502, "upstream_error", "upstream_authentication")),
        (403, "ExpiredTokenException", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "UnrecognizedClientException", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "InvalidSignatureException", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "SignatureDoesNotMatch", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "IncompleteSignatureException", "x", (502, "upstream_error", "upstream_authentication")),
        (400, "IncompleteSignature", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "MissingAuthenticationTokenException", "x", (502, "upstream_error", "upstream_authentication")),
        (403, "InvalidClientTokenId", "x", (502, "upstream_error", "upstream_authentication")),
        (401, nil, "x", (502, "upstream_error", "upstream_authentication")),
        (404, "ResourceNotFoundException", "x", (404, "not_found_error", "model_not_found")),
        (429, "ThrottlingException", "x", (429, "rate_limit_error", "rate_limit_exceeded")),
        (400, "ServiceQuotaExceededException", "x", (429, "rate_limit_error", "insufficient_quota")),
        (429, "ModelNotReadyException", "x", (503, "server_error", "model_not_ready")),
        (408, "ModelTimeoutException", "x", (504, "timeout_error", nil)),
        (424, "ModelErrorException", "x", (502, "server_error", nil)),
        (424, "ModelStreamErrorException", "x", (502, "server_error", nil)),
        (500, "InternalServerException", "x", (500, "server_error", nil)),
        (503, "ServiceUnavailableException", "x", (503, "server_error", "overloaded")),
        (429, nil, "x", (429, "rate_limit_error", "rate_limit_exceeded")),
        (413, nil, "x", (413, "invalid_request_error", nil)), (503, "New", "x", (503, "server_error", "overloaded")),
        (418, nil, "x", (502, "server_error", nil)), (504, nil, "x", (504, "timeout_error", nil)),
    ]

    @Test("Each kind of error has a status, a type and a code for OpenAI's clients", arguments: kinds.indices)
    func translates(index: Int) {
        let kind = Self.kinds[index]
        let failure = Self.failure(kind.status, kind.type, kind.message)
        #expect(failure.status == kind.expected.0, "\(kind)")
        #expect(failure.type == kind.expected.1 && failure.code == kind.expected.2, "\(kind)")
    }

    @Test(
        "The kind is in the header, or in the body, or in the status",
        arguments: [
            (500, "ThrottlingException", #"{"message":"x","__type":"ValidationException"}"#, 429),
            (500, nil, #"{"Message":"x","__type":"com.amazon.coral.service#ThrottlingException"}"#, 429),
            (500, "", #"{"__type":"ThrottlingException:http://x"}"#, 429), (429, nil, "<html>", 429),
            (429, nil, "", 429), (503, "a#b#c:d", #"{"message":1,"__type":[]}"#, 503),
        ] as [(Int, String?, String, Int)])
    func findsKind(status: Int, type: String?, body: String, expected: Int) {
        #expect(BedrockFailure(status: status, errorType: type, body: Array(body.utf8)).status == expected)
    }

    @Test("The caller reads Bedrock's words without ARNs, account ids and control characters")
    func cleansMessage() {
        let words =
            "You hit arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-v1:0, in account\n"
            + "123456789012 (arn:aws-cn:iam::1:role/x_y+z@a). 1234567890123 isn't one. \\u0001\u{85} Warn:x"
        let failure = Self.failure(404, "ResourceNotFoundException", words)
        #expect(
            failure.message == "You hit [ARN], in account [account] ([ARN]). 1234567890123 isn't one. Warn:x")
        #expect(Self.failure(404, nil, "x", member: "Message").message == "x")
        #expect(BedrockFailure(status: 503, errorType: nil, body: []).message == "The server reported an error.")
        let odd = BedrockFailure(status: 500, errorType: "Odd Exception of 123456789012", body: [])
        #expect(odd.message == "The server reported an error (Odd)." && odd.detail == "Odd")
        let long = Self.failure(400, nil, String(repeating: "é", count: 5000))
        #expect(long.message.unicodeScalars.count == 2000)
    }

    @Test("The caller learns nothing about the proxy's credentials and permissions")
    func hidesCredentials() throws {
        let arn = "arn:aws:sts::123456789012:assumed-role/proxy-role/proxy"
        let denied = Self.failure(
            403, "AccessDeniedException", "User: \(arn) is not authorized to perform: bedrock:InvokeModel")
        #expect(!denied.message.contains("arn") && !denied.message.contains("role"))
        #expect(
            denied.detail == "AccessDeniedException: User: \(arn) is not authorized to perform: bedrock:InvokeModel. "
                + "Add the permission to the policy of the function's role.")
        let expired = Self.failure(
            403, "ExpiredTokenException", "The security token included in the request is expired")
        #expect(!expired.message.contains("token") && !expired.message.contains("expired"))
        #expect(expired.detail?.contains("The credentials have expired") == true)
    }

    @Test(
        "The log says what to do, but has no signature, token or canonical string",
        arguments: [
            (
                "InvalidSignatureException",
                """
                The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                Access Key and signing method.\n\nThe Canonical String for this request should have been\n'POST\n\
                /model/x\n\nx-amz-security-token:SECRETTOKEN'\n\nThe String-to-Sign should have been\n\
                'AWS4-HMAC-SHA256\nSECRET'
                """,
                """
                The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                Access Key and signing method. Check the server's credentials and its region.
                """
            ),
            (
                "IncompleteSignatureException",
                "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 "
                    + "Credential=AKIAIOSFODNN7EXAMPLE/20250102/us-east-1/bedrock/aws4_request, Signature="
                    + "SECRET6d1a0e4b6c9f0f5bd4a0a0b3b2b1c5f1d7e0a9c8b7a6f5e4d3c2b1a0",
                "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 [redacted], "
                    + "[redacted]. Check the server's credentials and its region."
            ),
            (
                "", "Authorization header isn't a key=value pair: 'Bearer SECRETabcdefghijklmnopqrstuvwxyz0123456789'.",
                "Authorization header isn't a key=value pair: 'Bearer [redacted]'. Check the server's API key."
            ),
            (
                "InvalidSignatureException", "Signature expired: 20250102T030405Z is now earlier than 20250102T040000Z",
                "Signature expired: 20250102T030405Z is now earlier than 20250102T040000Z. "
                    + "The clock of this machine is wrong."
            ),
            (
                "InvalidSignatureException", "Credential should be scoped to a valid region.",
                "Credential should be scoped to a valid region. Set the server's region to the one in its URL."
            ),
            (
                "AccessDeniedException", "Authentication failed: Please make sure your API Key is valid.",
                "Authentication failed: Please make sure your API Key is valid. Check the server's API key."
            ),
        ])
    func writesDetail(type: String, message: String, detail: String) {
        let failure = Self.failure(403, type, message)
        #expect(failure.status == 502)
        #expect(failure.detail == (type.isEmpty ? detail : "\(type): \(detail)"))
        #expect(failure.detail?.contains("SECRET") == false)
    }

    @Test("Words that may quote a prompt are not for the log")
    func hidesPrompts() {
        for type in ["ValidationException", "ModelErrorException", "ModelStreamErrorException"] {
            #expect(Self.failure(400, type, "my secret plan").detail == nil)
        }
        #expect(Self.failure(200, "ValidationException", "my secret plan").detail == "ValidationException")
        #expect(Self.failure(418, nil, "my secret plan").detail == nil)
        #expect(Self.failure(429, "ThrottlingException", "Slow down").detail == "ThrottlingException: Slow down")
    }

    @Test("The body is OpenAI's error")
    func writesBody() {
        let failure = Self.failure(429, "ThrottlingException", "a \"b\"")
        #expect(
            String(decoding: failure.body, as: UTF8.self)
                == #"""
                {"error":{"message":"a \"b\"","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}
                """#
        )
        let other = Self.failure(500, nil, "x")
        #expect(
            String(decoding: other.body, as: UTF8.self)
                == #"{"error":{"message":"x","type":"server_error","param":null,"code":null}}"#)
    }
}
